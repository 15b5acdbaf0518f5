import { RegistryError } from '../../../src/mlflow/registry/registry-error.ts'
import { ServingError } from '../../../src/mlflow/serving/serving-error.ts'
import type { Call } from './stand-ins.ts'

/** Ends a process, or loses an answer, after one of its calls. */
export interface Fuse {
  readonly call: Call
  /** Calls so far. */
  readonly count: number
  /** Their names. */
  readonly names: readonly string[]
}

/** The process is gone after its call `last` (from 1; 0: before its first): the work is done, nobody hears of it. */
export function killAfter(last: number): Fuse {
  return fuse((number) => {
    if (number > last) throw new Error('the process is gone')
    return number === last
      ? () => {
          throw new Error('the process is gone')
        }
      : undefined
  })
}

/** The answer to call `lost` never comes. */
export function loseAnswer(lost: number): Fuse {
  return fuse((number, name) =>
    number !== lost || name.startsWith('store ')
      ? undefined
      : () => {
          const said = { userMessage: 'No answer came.' }
          if (/alias|version|upload|finalize/.test(name)) throw new RegistryError('unreachable', 'No answer', said)
          throw new ServingError('unreachable', 'No answer', said)
        },
  )
}

function fuse(before: (number: number, name: string) => (() => never) | undefined): Fuse {
  const names: string[] = []
  return {
    get count() {
      return names.length
    },
    names,
    async call(name, work) {
      const after = before(names.length + 1, name)
      names.push(name)
      const value = await work()
      after?.()
      return value
    },
  }
}
