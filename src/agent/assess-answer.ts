import type { Assessment } from '../mlflow/assessment.ts'
import { checkDeck } from '../render/check-deck.ts'
import type { Deck, NumberCount, RichText } from '../render/deck.ts'
import { visibleTexts } from '../render/html/slide-texts.ts'
import { plainText } from './turn-as-text.ts'

/** Who says so, in MLflow. */
const source = { type: 'CODE', id: 'deckhand' } as const

/** A sentence with a number that matched no data, and where it stands. */
interface Doubt {
  readonly literal: string
  readonly sentence: string
  readonly place: string
}

/**
 * What code can tell about an answer: `data_accuracy`, the share of its numbers that rest on data; `unverified_numbers`,
 * each with its sentence; `render_problems`, what could not be drawn as it was written. Only what there is something to
 * say about.
 */
export function assessAnswer(answer: {
  readonly deck?: Deck | undefined
  /** The answer in words, as it was grounded; left out when no model wrote one. */
  readonly words?: { readonly text: RichText; readonly facts: Deck['facts']; readonly language: string } | undefined
  readonly numbers: NumberCount
}): readonly Assessment[] {
  const { deck, words, numbers } = answer
  const doubts = [
    ...(words ? doubtsIn(words.text, words, 'answer') : []),
    ...(deck ? doubtsIn(deck.title, deck, 'title') : []),
    ...(deck?.slides ?? []).flatMap((slide, index) =>
      deck
        ? [
            ...visibleTexts(slide).flatMap((text) => doubtsIn(text, deck, `slide ${index + 1}`)),
            ...doubtsIn(slide.notes, deck, `notes of slide ${index + 1}`),
          ]
        : [],
    ),
  ]
  const problems = deck ? renderProblems(deck) : []
  return [
    ...(numbers.total > 0
      ? [
          {
            name: 'data_accuracy',
            source,
            value: numbers.verified / numbers.total,
            rationale: `${numbers.verified} of ${numbers.total} numbers rest on data`,
          },
        ]
      : []),
    ...(doubts.length > 0
      ? [
          {
            name: 'unverified_numbers',
            source,
            value: doubts.map(({ literal }) => literal),
            rationale: doubts.map(({ literal, sentence, place }) => `${literal} (${place}): ${sentence}`).join('\n'),
          },
        ]
      : []),
    ...(problems.length > 0 ? [renderAssessment(problems)] : []),
  ]
}

/** Files could not be made, or not all of them. */
export function assessFailedRender(message: string): Assessment {
  return renderAssessment([message])
}

function renderAssessment(problems: readonly string[]): Assessment {
  return { name: 'render_problems', source, value: problems, rationale: problems.join('\n') }
}

function doubtsIn(text: RichText, deck: Pick<Deck, 'facts' | 'language'>, place: string): Doubt[] {
  const literals = text.flatMap((segment) =>
    typeof segment === 'object' && 'unverified' in segment ? [segment.unverified] : [],
  )
  if (literals.length === 0) return []
  const sentence = plainText(text, deck)
  return literals.map((literal) => ({ literal, sentence, place }))
}

function renderProblems(deck: Deck): readonly string[] {
  const crowded = deck.slides.flatMap((slide, index) =>
    slide.moreInNotes ? [`slide ${index + 1}: not all of it has room, the rest stands in the notes`] : [],
  )
  const broken = checkDeck(deck).map(({ slide, field, message }) => `${slide ?? 'deck'} ${field}: ${message}`)
  return [...crowded, ...broken]
}
