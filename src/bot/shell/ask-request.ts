import { DeckhandError } from '../../lib/errors.ts'
import { formats, type Format } from '../../render/renderer.ts'

/** Words of a command that cannot be understood; exit code 2. */
export class UsageError extends DeckhandError {
  override readonly name = 'UsageError'
  readonly code = 'usage'

  constructor(userMessage: string) {
    super(userMessage, { userMessage })
  }
}

/** `deckhand ask` as typed. */
export interface AskRequest {
  readonly question: string
  readonly thread?: string
  readonly space?: string
  readonly maxSlides?: string
  readonly formats?: string
  readonly out?: string
}

const longestQuestion = 4000
const mostSlides = 30

/** What can be said about a request before anything is set up. @throws UsageError */
export function checkWords(request: AskRequest): {
  readonly question: string
  readonly maxSlides?: number
  readonly formats?: readonly Format[]
} {
  const question = request.question.trim()
  if (question === '') throw new UsageError('Ask a question, for example: deckhand ask "Revenue by region in 2023"')
  if (question.length > longestQuestion) {
    throw new UsageError(`The question is ${question.length} characters long; the most is ${longestQuestion}.`)
  }
  if (request.thread?.trim() === '') throw new UsageError('--thread is empty; it should be a name.')
  if (request.out?.trim() === '') throw new UsageError('--out is empty; it should be a folder.')
  return {
    question,
    ...(request.maxSlides === undefined ? {} : { maxSlides: parseSlides(request.maxSlides) }),
    ...(request.formats === undefined ? {} : { formats: parseFormats(request.formats) }),
  }
}

/** What a request falls back on. */
export interface AskDefaults {
  readonly spaceId: string
  /** Ids of spaces by the names people may use. */
  readonly spaces: Readonly<Record<string, string>>
  readonly maxSlides: number
  readonly formats: readonly Format[]
}

/** A checked request with the defaults filled in. @throws UsageError */
export function parseRequest(
  request: AskRequest,
  defaults: AskDefaults,
): {
  readonly question: string
  readonly spaceId: string
  readonly maxSlides: number
  readonly formats: readonly Format[]
} {
  const words = checkWords(request)
  const spaceId = request.space === undefined ? defaults.spaceId : findSpace(request.space.trim(), defaults.spaces)
  if (spaceId === '') {
    throw new UsageError('No Genie space is set. Name one with --space, or set GENIE_SPACE_ID.')
  }
  return { maxSlides: defaults.maxSlides, formats: defaults.formats, ...words, spaceId }
}

/** The id that a person means by a name from the configuration or an id, which Databricks writes in hexadecimal digits. */
function findSpace(named: string, spaces: AskDefaults['spaces']): string {
  const known = Object.hasOwn(spaces, named) ? spaces[named] : undefined
  if (known !== undefined) return known
  if (named === '' || /^[0-9a-f][0-9a-f-]*$/i.test(named)) return named
  const names = Object.keys(spaces)
  const hint = names.length > 0 ? ` Known names: ${names.join(', ')}.` : ''
  throw new UsageError(`"${named}" is neither the id of a Genie space nor a name from the configuration.${hint}`)
}

function parseSlides(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > mostSlides) {
    throw new UsageError(`--max-slides is "${text}"; it should be a whole number from 1 to ${mostSlides}.`)
  }
  return value
}

function parseFormats(text: string): Format[] {
  const asked = text.split(',').map((part) => part.trim().toLowerCase())
  const found = asked.map((name) => {
    const format = formats.find((candidate) => candidate === name)
    if (format) return format
    throw new UsageError(`--formats is "${text}"; it should be a list of ${formats.join(', ')}.`)
  })
  return [...new Set(found)]
}
