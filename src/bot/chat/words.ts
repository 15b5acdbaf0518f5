import { asksToForget } from '../forget-thread.ts'
import type { Said, SaidPart } from './voice.ts'

/** What is meant by words that need no question to Genie; `nothing` for a message that says thank you and no more. */
export type Meaning = 'help' | 'stop' | 'csv' | 'forget' | 'nothing' | 'question'

const meanings: readonly (readonly [Meaning, RegExp])[] = [
  ['help', /^(help|help me|\?+|what can you do|how do you work|how does this work|hi|hello|hey|hilfe|ayuda|aide)$/],
  ['stop', /^(please )?(stop|cancel|abort|stopp|halt|never ?mind)( it| this| that)?( please)?$/],
  ['csv', /^(please )?((give|send|show)( me)? )?(the |a |as )*(csv|csvs|csv file|csv files|raw data)( please)?$/],
  [
    'nothing',
    /^((many |ok |okay )?(thanks|thank you|thx|ty|cheers|danke|merci|gracias)( you| a lot| so much| very much)?|great|nice|perfect|cool|awesome)$/,
  ],
]

/** Recognises whole messages only: a question that has such a word in it stays a question. */
export function meaningOf(text: string): Meaning {
  if (asksToForget(text)) return 'forget'
  const plain = plainWords(text)
  return meanings.find(([, pattern]) => pattern.test(plain))?.[0] ?? 'question'
}

function plainWords(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}?]+/gu, ' ')
    .replaceAll(/(?<=\S)\s*\?+$/g, '')
    .trim()
}

/** Only emoji, as `:+1:` or as characters. */
export function isOnlyEmoji(text: string): boolean {
  const rest = text.replaceAll(/:[\w+'-]+:|\s/g, '')
  // Digits are parts of emoji, too.
  return (
    text !== '' && !/\d/.test(rest) && rest.replaceAll(/\p{Extended_Pictographic}|\p{Emoji_Component}/gu, '') === ''
  )
}

const startingOver =
  /^(please )?((start|begin) )?(a )?(new|another) (topic|conversation|chat|thread)( please)?$|^(please )?(start|begin) over( please)?$/

/** True for "new topic" and the like, with nothing else: where a chat has no threads, words begin them. */
export function asksToStartOver(text: string): boolean {
  return startingOver.test(plainWords(text))
}

/** For who asks what this is, or says nothing. `startsOver`: words begin a new topic, see {@link asksToStartOver}. */
export function helpText({ startsOver }: { readonly startsOver: boolean }): Said {
  return [
    `Ask me about your data and I answer with numbers and a slide deck, here in the ${startsOver ? 'conversation' : 'thread'}. For example: `,
    { bold: 'Revenue by region in 2023' },
    `.\nThen go on${startsOver ? '' : ' in the thread'}: `,
    ...listed(
      'only EMEA',
      'by month instead',
      'make slide 3 a bar chart',
      'drop the last slide',
      'shorter',
      'in German',
      'undo',
    ),
    '.\nAlso: ',
    { bold: 'csv' },
    ' for the data behind the deck, ',
    { bold: 'stop' },
    ' while I work, ',
    ...(startsOver ? [{ bold: 'new topic' }, ' to begin anew, '] : []),
    { bold: `forget this ${startsOver ? 'conversation' : 'thread'}` },
    ' to delete what I know of it.',
  ]
}

function listed(...words: readonly string[]): readonly SaidPart[] {
  return words.flatMap((bold, index) => (index === 0 ? [{ bold }] : [', ', { bold }]))
}

/** For people of another company. */
export const ownPeopleOnly = 'I answer only people of the company whose data I know.'

export const textOnly = 'I read text only, no files yet. Please write your question as a message.'
