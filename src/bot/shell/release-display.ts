import type { ProgressLine } from '../admin/admin-desk.ts'
import { progressToText } from '../admin/progress-board.ts'
import { createLiveLine } from './display.ts'
import { printable } from './printable.ts'

/** Shows what a release does: a line for each thing that is over, and what runs in a line that changes. */
export interface ReleaseDisplay extends Disposable {
  show(line: ProgressLine): void
}

/** On a stream that is no terminal, what runs gets a line when it begins. */
export function createReleaseDisplay(stream: NodeJS.WriteStream): ReleaseDisplay {
  const live = createLiveLine(stream)
  const begun = new Set<string>()
  return {
    show(line) {
      const text = printable(line.text)
      if (line.state === 'running' && live) return live.show(text)
      if (line.state === 'running' && begun.has(line.key)) return
      begun.add(line.key)
      live?.hide()
      stream.write(`${progressToText({ ...line, text })}\n`)
    },
    [Symbol.dispose]: () => live?.hide(),
  }
}
