import type { Clock } from '../../lib/clock.ts'
import { DeckhandError, describeError, isAbort } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'

/** Something this process needs from outside. */
export interface Check {
  readonly name: string
  /** Without it the process is not ready; else it is a warning. */
  readonly isRequired: boolean
  /** How long an answer counts before it is asked for again. */
  readonly freshMs: number
  /** Resolves when it is there. */
  run(signal: AbortSignal): Promise<void>
}

export interface Readiness {
  /** Answers within {@link checkWithinMs}, whatever hangs. Never throws. */
  check(): Promise<ReadinessReport>
}

export interface ReadinessReport {
  readonly ready: boolean
  readonly checks: Readonly<Record<string, CheckReport>>
}

/** `problem` is one word: details may name internals, and stand in the log. */
export interface CheckReport {
  readonly status: 'ok' | 'warning' | 'failed'
  readonly problem?: string
  /** How long the check took. */
  readonly ms: number
}

const checkWithinMs = 4000

interface Finding extends CheckReport {
  readonly at: number
}

/** Asks each check at most once at a time and once in `freshMs`, however many probes come. */
export function createReadiness(deps: {
  readonly checks: readonly Check[]
  readonly clock: Clock
  readonly log: Logger
  /** Default {@link checkWithinMs}. */
  readonly withinMs?: number
}): Readiness {
  const { clock, log, withinMs = checkWithinMs } = deps
  const found = new Map<string, Finding>()
  const asking = new Map<string, Promise<Finding>>()

  async function ask(check: Check): Promise<Finding> {
    const startedAt = clock.now()
    const finding = await boundedRun(check).then(
      (): CheckReport => ({ status: 'ok', ms: clock.now() - startedAt }),
      (error: unknown): CheckReport => {
        const known = found.get(check.name)
        const problem = problemOf(error)
        if (known?.problem !== problem) {
          log.warn({ check: check.name, error: describeError(error) }, 'A check of readiness fails')
        }
        return { status: check.isRequired ? 'failed' : 'warning', problem, ms: clock.now() - startedAt }
      },
    )
    if (finding.status === 'ok' && found.get(check.name)?.problem !== undefined) {
      log.info({ check: check.name }, 'A check of readiness is well again')
    }
    const kept = { ...finding, at: clock.now() }
    found.set(check.name, kept)
    return kept
  }

  async function boundedRun(check: Check): Promise<void> {
    const over = new AbortController()
    const timer = setTimeout(() => over.abort(new DOMException('The check takes too long', 'TimeoutError')), withinMs)
    const { promise: tooLong, reject } = Promise.withResolvers<never>()
    over.signal.addEventListener('abort', () => reject(over.signal.reason as Error), { once: true })
    try {
      await Promise.race([check.run(over.signal), tooLong])
    } finally {
      clearTimeout(timer)
    }
  }

  function current(check: Check): Finding | Promise<Finding> {
    const known = found.get(check.name)
    if (known && clock.now() - known.at < check.freshMs) return known
    const running = asking.get(check.name) ?? ask(check).finally(() => asking.delete(check.name))
    asking.set(check.name, running)
    return running
  }

  return {
    async check() {
      const entries = await Promise.all(
        deps.checks.map(async (check) => {
          const { at: _, ...report } = await current(check)
          return [check.name, report] as const
        }),
      )
      return { ready: entries.every(([, { status }]) => status !== 'failed'), checks: Object.fromEntries(entries) }
    },
  }
}

function problemOf(error: unknown): string {
  if (error instanceof DeckhandError) return error.code
  return isAbort(error) ? 'timeout' : 'unavailable'
}
