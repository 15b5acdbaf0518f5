import type { ChatBrainRequest } from '../chat-brain.ts'
import { section } from './prompt.ts'

const smallTalk =
  /^\s*(hi|hello|hey|thanks|thank you|good (morning|afternoon|evening)|how are you)\b[^?]{0,40}[?!.]*\s*$/i
const outOfScope =
  /\b(poem|joke|song|haiku|recipe|lyrics|weather|horoscope|translate|capital of|python|javascript|write (me )?(a|an|some) (story|email|code|program)|who (are|is) you|meaning of life|stock price|bitcoin|password)\b/i
const deckWords = /\b(slides?|deck|presentation|chart|graph|theme|dark|light|shorter|longer|title)\b/i
const changeWords =
  /^\s*(please\s+)?(make|change|turn|drop|remove|delete|move|show|switch|convert|rewrite|shorten|use|replace|put|add)\b/i
const wishesAboutSlides = /^\s*(please\s+)?(the\s+)?(slides?\s*#?\d|(first|second|third|fourth|last) slide)\b/i
const shortWishes =
  /^\s*(please\s+)?((make it\s+)?(a bit |much )?(shorter|longer|darker|lighter|dark|light)|undo( that| it)?|revert|go back|back to (version|v)\s*\d+|restore (version|v)\s*\d+|(version|v)\s*\d+ again|(now |and )?(in|auf) (english|german|deutsch|french|spanish|arabic|japanese)|translate .*|((show|draw) (it|that|this) )?as (a |an )?(table|((stacked |horizontal )?(bar|column)|line|area|pie|donut|waterfall)s?( chart)?))(,? please)?\s*[.!]?\s*$/i
const aboutWords =
  /\b(how (was|were|is|are|did you|do you)\b.*\b(computed|calculated|measured|get|got|know)|what does (this|that|it) mean|where (does|do|did) (this|that|the|these)\b.*\b(come|from)|explain (this|that|the (number|answer|deck|slide|result)))/i
const followUp =
  /^\s*(only|just|and|also|now|by|per|but|same|what about|how about|without|excluding|including|instead|as|top|bottom|drill|break|split|for|in|compare (it|that|them)|show (it|that|them))\b/i
const why = /^\s*(why|what (drove|caused|explains|is behind)|analy[sz]e|explain why|deep dive)\b/i

/** The sandbox's reading of a message: plain rules over its words, in the schema that real models fill too. */
export function readIntent(request: ChatBrainRequest): Record<string, unknown> {
  const question = section(request, 'question')
  const hasHistory = section(request, 'history') !== ''
  const hasDeck = section(request, 'deck') !== ''
  const kind = kindOf(question, hasHistory, hasDeck)
  return {
    kind,
    genie_question: withoutDeckWishes(question),
    more_queries: [],
    explore: why.test(question),
    audience:
      /\bfor (the )?(board|management|executives?|sales team|marketing|finance|customers?|investors?)\b/i.exec(
        question,
      )?.[2] ?? 'management',
    time_range:
      /\b(q[1-4] \d{4}|\d{4}|last (quarter|month|year|week)|this (quarter|month|year))\b/i.exec(question)?.[0] ?? '',
    wanted_slides: wantedSlides(question),
    reply: replyFor(kind, section(request, 'space')),
  }
}

function kindOf(question: string, hasHistory: boolean, hasDeck: boolean): string {
  if (smallTalk.test(question)) return 'small_talk'
  if (hasDeck && isAboutDeck(question)) return 'deck_change'
  if (hasHistory && aboutWords.test(question)) return 'about_answer'
  if (outOfScope.test(question)) return 'out_of_scope'
  if (hasHistory && (followUp.test(question) || question.split(/\s+/).length <= 3)) return 'data_follow_up'
  return 'data_question'
}

function isAboutDeck(question: string): boolean {
  if (shortWishes.test(question) || wishesAboutSlides.test(question)) return true
  return changeWords.test(question) && deckWords.test(question)
}

function replyFor(kind: string, space: string): string {
  const offer = `I answer questions about the data in ${space || 'your Genie space'} and make decks of the answers.`
  if (kind === 'small_talk') return `Hello! ${offer} What would you like to know?`
  if (kind === 'out_of_scope') return `That is not something I can do. ${offer}`
  return ''
}

/** "Revenue by region in two slides, please" is the question "Revenue by region". */
function withoutDeckWishes(question: string): string {
  const count = '(?:\\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|a few|a|an|the)'
  const thing = '(?:slides?|decks?|presentations?|powerpoints?)'
  return question
    .replace(
      new RegExp(
        `^\\s*(?:please )?(?:make|create|build|give|show|prepare|write)(?: me| us)? ${count}?[ -]?(?:slide )?${thing} (?:about|of|on|with|for|that shows?|showing) `,
        'i',
      ),
      '',
    )
    .replace(
      new RegExp(
        `[,;]?\\s*(?:(?:in|on|as|with|using|into|at most|no more than|max(?:imum)?) )+${count}?[ -]?${thing}\\b`,
        'gi',
      ),
      '',
    )
    .replace(/[,\s]+please\b/i, '')
    .trim()
}

const numberWords = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']

function wantedSlides(question: string): number {
  const match = /\b(\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten)[ -](?:slides?|pages?)\b/i.exec(question)
  if (!match?.[1]) return 0
  const word = numberWords.indexOf(match[1].toLowerCase())
  return word >= 0 ? word : Number(match[1])
}
