import type { RichText } from '../../deck.ts'
import type { DeckContext } from '../../html/context.ts'
import { richPlain, unverifiedMark } from '../../html/rich-text.ts'
import { cutText, limits } from '../../limits.ts'
import type { Run } from './text.ts'

/** Text of a slide as runs: facts in bold, what nothing could confirm underlined and with its mark in `warning`. */
export function richRuns(text: RichText, context: DeckContext, warning: string): readonly Run[] {
  let room: number = limits.text
  const runs: Run[] = []
  for (const segment of text) {
    if (room <= 0) break
    const plain = richPlain([segment], context)
    const shown = cutText(plain, room)
    room -= plain.length
    if (typeof segment === 'string') runs.push({ text: shown })
    else if ('fact' in segment) runs.push({ text: shown, isBold: true })
    else {
      runs.push({ text: shown.slice(0, -1), underline: warning })
      runs.push({ text: unverifiedMark, isRaised: true, isBold: true, colour: warning })
    }
  }
  return runs
}
