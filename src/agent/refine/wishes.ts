import { z } from 'zod'
import type { Deck } from '../../render/deck.ts'
import { completeStructured } from '../chat-model/structured.ts'
import { evidenceAsText, type Evidence, type EvidenceDeps } from '../evidence.ts'
import type { Turn } from '../events.ts'
import { fillPrompt } from '../prompts.ts'
import { deckAsText } from '../turn-as-text.ts'

const Change = z.object({
  action: z.enum(['drop', 'move', 'chart', 'table', 'rewrite', 'look', 'add']),
  /** Counts from 1 in the deck as it was before any change; 0 for `add`. */
  slide: z.number().int(),
  /** New position for `move` and `add`, counting from 1; 0 otherwise, and where the person named none. */
  to: z.number().int(),
  /** Chart kind for `chart`, light or dark for `look`, layout for `add`; '' otherwise. */
  kind: z.string(),
  /** What `rewrite` should do, what `add` is about; '' otherwise. */
  instruction: z.string(),
  /** For `add`: the question to the data space, '' when the data is there already. */
  question: z.string(),
})
export type Change = z.infer<typeof Change>

/** What the person wants changed, as the chat model reads it. Empty texts and zeros mean "as it is". */
const Wishes = z.object({
  changes: z.array(Change),
  theme: z.enum(['', 'light', 'dark']),
  /** Language tag the whole deck is to be in. */
  language: z.string(),
  /** Title of the deck, anew. */
  title: z.string(),
  /** Earlier version to go back to; -1 for the one before. */
  restore: z.number().int(),
  /** One sentence for the person, not yet checked for numbers. */
  reply: z.string(),
})
export type Wishes = z.infer<typeof Wishes>

/** @throws ChatModelError */
export async function readWishes(
  turn: Turn,
  deck: Deck,
  evidence: Evidence,
  deps: EvidenceDeps,
  signal: AbortSignal,
): Promise<Wishes> {
  const { value } = await completeStructured({
    complete: deps.callLlm,
    name: 'refinement',
    schema: Wishes,
    messages: fillPrompt(deps.prompts, 'refine', {
      question: turn.question,
      version: String(deck.version),
      deck: deckAsText(deck),
      ...evidenceAsText(evidence, deps),
      language: deck.language,
    }),
    signal,
  })
  return { ...value, language: settleLanguage(value.language, deck.language) }
}

/** The tag in its usual spelling; '' when it is none, or the deck's own. */
function settleLanguage(asked: string, present: string): string {
  try {
    const [tag = ''] = asked.trim() === '' ? [] : Intl.getCanonicalLocales(asked.trim().replaceAll('_', '-'))
    return tag === present ? '' : tag
  } catch {
    return ''
  }
}
