import { DeckhandError } from './errors.ts'

/** Lets a few tasks run side by side and a few more wait, in order. */
export interface Gate {
  /** @throws GateFull when too many wait, before the task begins; else what the task throws */
  run<T>(task: () => Promise<T>): Promise<T>
}

/** More wait than a wait makes sense for. */
export class GateFull extends DeckhandError {
  override readonly name = 'GateFull'
  readonly code = 'busy'

  constructor(waiting: number) {
    super(`Cannot take one more task: ${waiting} wait already`, {
      userMessage: 'Too many people want something at once. Please try again in a moment.',
    })
  }
}

export function createGate(options: { readonly sideBySide: number; readonly mostWaiting: number }): Gate {
  const waiting: (() => void)[] = []
  let free = options.sideBySide

  return {
    async run(task) {
      if (free === 0) {
        if (waiting.length >= options.mostWaiting) throw new GateFull(waiting.length)
        await new Promise<void>((resolve) => void waiting.push(resolve)) // whoever leaves hands its place over
      } else {
        free -= 1
      }
      try {
        return await task()
      } finally {
        const next = waiting.shift()
        if (next) next()
        else free += 1
      }
    },
  }
}
