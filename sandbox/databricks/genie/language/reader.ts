import type { Lexeme } from './lexicon.ts'
import type { Operator } from './words.ts'

type OfType<T extends Lexeme['type']> = Extract<Lexeme, { readonly type: T }>

/**
 * The pieces of one question, and which of them have been understood. Every rule takes what it uses; what nobody took
 * in the end was not understood, and then there is no answer.
 */
export interface Reader {
  readonly lexemes: readonly Lexeme[]
  /** The piece at a place if it has that type and nobody took it. */
  at<T extends Lexeme['type']>(place: number, type: T): OfType<T> | undefined
  /** True when the untaken piece at a place is one of these operators. */
  isOperator(place: number, ...operators: readonly Operator[]): boolean
  /** Places of untaken pieces of a type. */
  places(type: Lexeme['type']): readonly number[]
  /** Places of untaken operators. */
  operatorPlaces(...operators: readonly Operator[]): readonly number[]
  take(...places: readonly number[]): void
  /** Takes all untaken ones of these operators; true when there was one. */
  takeOperators(...operators: readonly Operator[]): boolean
  /** The next place from `place` on, in steps of `step`, whose piece is no preposition. */
  skipPrepositions(place: number, step?: 1 | -1): number
  /** What nobody took, prepositions aside. */
  leftovers(): readonly Lexeme[]
}

export function createReader(lexemes: readonly Lexeme[]): Reader {
  const taken = new Set<number>()
  const free = (place: number): Lexeme | undefined => (taken.has(place) ? undefined : lexemes[place])
  const placesWhere = (test: (lexeme: Lexeme) => boolean): readonly number[] =>
    lexemes.flatMap((lexeme, place) => (!taken.has(place) && test(lexeme) ? [place] : []))
  const isOneOf = (lexeme: Lexeme | undefined, operators: readonly Operator[]): boolean =>
    lexeme?.type === 'operator' && operators.includes(lexeme.operator)

  const reader: Reader = {
    lexemes,
    at<T extends Lexeme['type']>(place: number, type: T) {
      const lexeme = free(place)
      // The type was compared; the compiler does not narrow by a generic parameter
      return lexeme?.type === type ? (lexeme as OfType<T>) : undefined
    },
    isOperator: (place, ...operators) => isOneOf(free(place), operators),
    places: (type) => placesWhere((lexeme) => lexeme.type === type),
    operatorPlaces: (...operators) => placesWhere((lexeme) => isOneOf(lexeme, operators)),
    take: (...places) => {
      for (const place of places) taken.add(place)
    },
    takeOperators(...operators) {
      const places = reader.operatorPlaces(...operators)
      reader.take(...places)
      return places.length > 0
    },
    skipPrepositions(place, step = 1) {
      let next = place
      while (lexemes[next]?.type === 'preposition') next += step
      return next
    },
    leftovers: () =>
      lexemes.filter((lexeme, place) => !taken.has(place) && lexeme.type !== 'preposition' && lexeme.type !== 'filler'),
  }
  return reader
}
