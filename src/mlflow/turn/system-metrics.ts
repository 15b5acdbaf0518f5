import { cpus, freemem, totalmem } from 'node:os'
import type { Clock } from '../../lib/clock.ts'
import type { Metric } from '../backend.ts'

/** CPU and memory of the machine, looked at while a turn runs. */
export interface SystemWatch {
  /** Ends the watch. The samples under MLflow's own names, numbered from 0; the last one is taken now. */
  end(): readonly Metric[]
}

const everyMs = 1000
/** A turn that goes on for hours is told at its beginning. */
const mostSamples = 600

/** The names and units that MLflow's own clients use, under which its page has a tab for them. */
const names = {
  cpu: 'system/cpu_utilization_percentage',
  memory: 'system/system_memory_usage_megabytes',
  memoryShare: 'system/system_memory_usage_percentage',
} as const

export function watchSystem(clock: Clock): SystemWatch {
  const ended = new AbortController()
  const samples: Metric[] = []
  let before = cpuTimes()
  let step = 0

  function look(): void {
    const now = cpuTimes()
    const all = now.all - before.all
    const at = Math.round(clock.now())
    const used = totalmem() - freemem()
    const values = {
      // Nothing has gone by when a turn ends at once: then nobody has used anything.
      [names.cpu]: all > 0 ? (100 * (now.busy - before.busy)) / all : 0,
      [names.memory]: used / 1e6,
      [names.memoryShare]: (100 * used) / totalmem(),
    }
    for (const [key, value] of Object.entries(values)) samples.push({ key, value: rounded(value), step, at })
    before = now
    step += 1
  }

  async function keepLooking(): Promise<void> {
    while (step < mostSamples) {
      await clock.sleep(everyMs, ended.signal)
      look()
    }
  }

  keepLooking().catch(() => undefined)
  return {
    end() {
      ended.abort()
      look()
      return samples
    },
  }
}

function cpuTimes(): { readonly busy: number; readonly all: number } {
  let busy = 0
  let all = 0
  for (const { times } of cpus()) {
    const sum = times.user + times.nice + times.sys + times.idle + times.irq
    all += sum
    busy += sum - times.idle
  }
  return { busy, all }
}

function rounded(value: number): number {
  return Number(value.toFixed(1))
}
