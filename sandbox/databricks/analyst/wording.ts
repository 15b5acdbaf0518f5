import type { ListedFact } from './prompt.ts'

/** What the sandbox's chat model says, in one language. It writes English and German; for others it keeps to English. */
export interface Wording {
  /** One fact as a sentence that says no more than its label. */
  sentence(fact: ListedFact): string
  /** Label of a card. */
  label(fact: ListedFact): string
  readonly nothing: string
  readonly more: string
  readonly remember: string
  readonly highest: string
  readonly lowest: string
  readonly computedFrom: (sources: string) => string
}

export function wordingFor(language: string): Wording {
  return /^de\b/i.test(language) ? german : english
}

type Part = 'extreme' | 'measure' | 'whose' | 'from' | 'to'

const patterns: Readonly<Record<string, RegExp>> = {
  maximum: /^(?<extreme>Highest|Lowest) (?<measure>.*?): (?<whose>.*)$/,
  minimum: /^(?<extreme>Highest|Lowest) (?<measure>.*?): (?<whose>.*)$/,
  share: /^Share of (?<measure>.*?), (?<whose>.*)$/,
  growth: /^Growth of (?<measure>.*?)(?:, (?<whose>.*))?, (?<from>.*?) to (?<to>.*?)$/,
  contribution: /^Part of (?<measure>the change in .*?) that came from (?<whose>.*?), (?<from>.*)$/,
}

/** A fact's label, taken apart; '' for what it does not have. The sandbox's facts are labelled in English. */
function partsOf(fact: ListedFact): Readonly<Record<Part, string>> {
  const groups = patterns[fact.kind]?.exec(fact.label)?.groups ?? {}
  const part = (name: Part): string => groups[name] ?? ''
  return {
    extreme: part('extreme'),
    measure: part('measure'),
    whose: part('whose'),
    from: part('from'),
    to: part('to'),
  }
}

/** The words "percentage points" come with the value. */
function plainLabel(fact: ListedFact): string {
  return fact.label.replace(/, in percentage points$/, '')
}

const english: Wording = {
  sentence: (fact) => upperFirst(inEnglish(fact)),
  label: (fact) => fact.label,
  nothing: 'The data holds nothing to tell',
  more: 'What else the data shows',
  remember: 'What to remember',
  highest: 'Highest',
  lowest: 'Lowest',
  computedFrom: (sources) => `It is computed from the rows of this query: ${sources}.`,
}

function inEnglish(fact: ListedFact): string {
  const ref = `{${fact.id}}`
  const { extreme, measure, whose, from, to } = partsOf(fact)
  switch (fact.kind) {
    case 'maximum':
    case 'minimum':
      if (whose === '' || whose.includes(' and ')) return `${fact.label} at ${ref}`
      return `${whose} has the ${extreme.toLowerCase()} ${measure}: ${ref}`
    case 'share':
      return whose === '' ? `${fact.label}: ${ref}` : `${whose} makes up ${ref} of ${measure}`
    case 'growth': {
      if (to === '') return `${fact.label}: ${ref}`
      const verb = isFall(fact) ? 'fell' : 'grew'
      return `${whose === '' ? upperFirst(measure) : `${whose}: ${measure}`} ${verb} by ${ref} from ${from} to ${to}`
    }
    case 'contribution':
      return whose === '' ? `${fact.label}: ${ref}` : `${whose} accounts for ${ref} of ${measure}, ${from}`
    case 'total':
    case 'average':
      return fact.label.includes(', ') ? `${fact.label}: ${ref}` : `${fact.label} is ${ref}`
    default:
      return `${plainLabel(fact)}: ${ref}`
  }
}

const german: Wording = {
  sentence: (fact) => upperFirst(inGerman(fact)),
  label: (fact) => germanLabel(fact),
  nothing: 'Die Daten sagen dazu nichts',
  more: 'Was die Daten noch zeigen',
  remember: 'Was zu merken ist',
  highest: 'Am höchsten',
  lowest: 'Am niedrigsten',
  computedFrom: (sources) => `Berechnet aus den Zeilen dieser Abfrage: ${sources}.`,
}

function inGerman(fact: ListedFact): string {
  const ref = `{${fact.id}}`
  const { extreme, whose, from, to, ...parts } = partsOf(fact)
  const measure = parts.measure.replace(/^total /i, 'Summe ')
  switch (fact.kind) {
    case 'maximum':
    case 'minimum': {
      if (whose === '' || whose.includes(' and ')) break
      const most = extreme === 'Highest' ? 'höchsten' : 'niedrigsten'
      return `${whose} hat bei ${measure} den ${most} Wert: ${ref}`
    }
    case 'share':
      if (whose === '') break
      return `Anteil von ${whose} an ${measure}: ${ref}`
    case 'growth': {
      if (to === '') break
      const verb = isFall(fact) ? 'sank' : 'stieg'
      return `${whose === '' ? upperFirst(measure) : `${whose}: ${measure}`} ${verb} von ${from} bis ${to} um ${ref}`
    }
    case 'contribution':
      if (whose === '') break
      return `Beitrag von ${whose}, ${from.replace(' to ', ' bis ')}: ${ref}`
  }
  return `${germanLabel(fact)}: ${ref}`
}

const germanKinds: readonly (readonly [RegExp, string])[] = [
  [/^Total (of )?/, 'Summe '],
  [/^Average (of )?/, 'Durchschnitt '],
  [/^Highest /, 'Höchster Wert, '],
  [/^Lowest /, 'Niedrigster Wert, '],
  [/^Number of /, 'Anzahl '],
  [/^Difference (of |in )?/, 'Unterschied '],
]

function germanLabel(fact: ListedFact): string {
  const label = plainLabel(fact)
  const [pattern, words] = germanKinds.find(([start]) => start.test(label)) ?? []
  return pattern === undefined ? label : label.replace(pattern, words ?? '')
}

function isFall(fact: ListedFact): boolean {
  return /^[-−]/.test(fact.value)
}

function upperFirst(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}
