import type { ProgressLine } from './admin-desk.ts'

/** What has gone on so far, as one text that a message can be edited to. */
export interface ProgressBoard {
  put(line: ProgressLine): void
  /** A line for each thing, in the order they began; at most so many, the oldest go. */
  text(): string
}

const marks = { running: '…', done: '✓', failed: '✗' } as const
const mostLines = 30

export function createProgressBoard(): ProgressBoard {
  const lines = new Map<string, ProgressLine>()
  return {
    put: (line) => void lines.set(line.key, line),
    text: () => [...lines.values()].slice(-mostLines).map(progressToText).join('\n'),
  }
}

export function progressToText({ text, state }: ProgressLine): string {
  return `${marks[state]} ${text}`
}
