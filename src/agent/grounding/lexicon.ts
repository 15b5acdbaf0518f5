/** What the data knows: the members of its categories, its periods, its words, and what each fact is about. */
import type { Fact } from '../../render/fact.ts'
import type { Table } from '../../render/table.ts'
import type { FactSheet } from '../facts.ts'
import { toDecimal } from '../facts/decimal.ts'
import { type Period, contains, findPeriods, parsePeriod, periodKey } from '../facts/periods.ts'
import { type Measure, type Profile, profileOf } from '../facts/profile.ts'
import { stem, wordsOf } from '../facts/words.ts'
import { refineUnits } from '../units.ts'

/** A fact with what it is about, read off its lineage. */
export interface FactView {
  readonly fact: Fact
  /** In floating point: facts are matched within the precision of what was written. */
  readonly value: number
  readonly profile: Profile | undefined
  readonly measure: Measure | undefined
  /** Per category column (lower case) the members, or `whole` when it is about more than three of them. */
  readonly members: ReadonlyMap<string, readonly string[] | 'whole'>
  /** Category columns with several members, so that naming none leaves open which one is meant. */
  readonly choices: ReadonlySet<string>
  /** The distinct periods, in order. */
  readonly periods: readonly Period[]
}

/** What is the same for all facts of a table. */
interface Outline {
  readonly profile: Profile
  readonly choices: ReadonlySet<string>
  readonly whole: Pick<FactView, 'members' | 'periods'>
}

export interface Phrase {
  readonly tokens: readonly string[]
  /** As it stands in the data. */
  readonly text: string
  readonly key: string
  /** Columns it is a member of, lower case. */
  readonly columns: ReadonlySet<string>
}

export interface Lexicon {
  readonly tables: readonly Table[]
  readonly profiles: ReadonlyMap<string, Profile>
  readonly views: ReadonlyMap<string, FactView>
  readonly view: (fact: Fact) => FactView
  /** Phrases by their first token. */
  readonly phrases: ReadonlyMap<string, readonly Phrase[]>
  readonly phraseOf: (key: string) => Phrase | undefined
  readonly knowsPeriod: (period: Period) => boolean
  /** True for a word that stands in a table, a label or the question. */
  readonly knowsWord: (word: string) => boolean
  /** True when a table's question, title or SQL speaks of the name: it may be about nothing else. */
  readonly isAbout: (tableId: string, name: string) => boolean
  /** Periods that a table's question or title limits it to. */
  readonly limits: (tableId: string) => readonly Period[]
  /** Per measure, by column name, the stems of the words it goes by. */
  readonly measureStems: ReadonlyMap<string, ReadonlySet<string>>
  readonly columnStems: ReadonlySet<string>
  /** The person's words, for "top 5" and "last 12 months". */
  readonly question: string
}

export const keyOf = (text: string): string => tokensOf(text).join(' ')
const tokensOf = (text: string): string[] =>
  (
    text
      .toLowerCase()
      .normalize('NFC')
      .match(/[\p{L}\p{N}]+/gu) ?? []
  ).filter((token) => token !== 'and')

/** Other names people use for members that many warehouses abbreviate. */
const aliases: readonly (readonly string[])[] = [
  ['US', 'USA', 'United States', 'United States of America', 'U.S.'],
  ['UK', 'United Kingdom', 'Great Britain', 'U.K.'],
  ['EMEA', 'Europe, Middle East and Africa', 'Europe, the Middle East and Africa'],
  ['APAC', 'Asia-Pacific', 'Asia Pacific'],
  ['LATAM', 'Latin America'],
  ['NA', 'NORAM', 'North America'],
  ['UAE', 'United Arab Emirates'],
]

const longestMember = 80

export function createLexicon(sheet: FactSheet, rawTables: readonly Table[], question: string): Lexicon {
  const tables = rawTables.map(refineUnits)
  const profiles = new Map(tables.map((table) => [table.id, profileOf(table)]))
  const outlines = new Map([...profiles].map(([id, profile]) => [id, outlineOf(profile)]))
  const view = (fact: Fact): FactView => viewOf(fact, outlines.get(fact.lineage.tableId))
  const phrases = phrasesOf([...profiles.values()])
  const byKey = new Map(phrases.map((phrase) => [phrase.tokens.join(' '), phrase]))
  const texts = new Map(
    tables.map((table) => [table.id, [table.question, table.title, ...quotedIn(table.sql)].join('\n')]),
  )
  const words = new Set<string>()
  const learn = (text: string): void => {
    for (const token of tokensOf(text)) words.add(stem(token))
    for (const word of wordsOf(text)) words.add(stem(word))
  }
  for (const phrase of phrases) learn(phrase.text)
  for (const table of tables) table.columns.forEach((column) => learn(column.name))
  for (const fact of sheet.facts) learn(fact.label)
  const periods = knownPeriods(tables, profiles, question)
  const measureStems = measureStemsOf([...profiles.values()])
  return {
    tables,
    profiles,
    view,
    question,
    measureStems,
    views: new Map(sheet.facts.map((fact) => [fact.id, view(fact)])),
    phrases: Map.groupBy(phrases, (phrase) => phrase.tokens[0] ?? ''),
    phraseOf: (key) => byKey.get(key),
    knowsPeriod: (period) => periods.some((known) => contains(period, known)),
    knowsWord: (word) => words.has(stem(word)),
    isAbout: (tableId, name) => ` ${keyOf(texts.get(tableId) ?? '')} `.includes(` ${keyOf(name)} `),
    limits: (tableId) => {
      const table = tables.find(({ id }) => id === tableId)
      return findPeriods(`${table?.question ?? ''}\n${table?.title ?? ''}`).map(({ period }) => period)
    },
    columnStems: new Set(tables.flatMap((table) => table.columns.flatMap((column) => wordsOf(column.name).map(stem)))),
  }
}

const quotedIn = (sql: string): string[] =>
  [...sql.matchAll(/'((?:[^']|'')*)'/g)].map((match) => (match[1] ?? '').replaceAll('%', ' '))

function knownPeriods(tables: readonly Table[], profiles: ReadonlyMap<string, Profile>, question: string): Period[] {
  const inTables = [...profiles.values()].flatMap((profile) => profile.axis?.ordered ?? [])
  const texts = [question, ...tables.flatMap((table) => [table.question, table.title, table.sql])]
  const inTexts = texts.flatMap((text) => findPeriods(text).map(({ period }) => period))
  const quarters = tables.flatMap((table) =>
    [...table.sql.matchAll(/quarter\D{0,20}=\s*([1-4])(?!\d)/gi)].flatMap((match) => parsePeriod(`Q${match[1]}`) ?? []),
  )
  const cells = tables.flatMap((table) =>
    table.columns.flatMap((column, index) =>
      column.type === 'date' ? table.rows.flatMap((row) => parsePeriod(row[index] ?? '') ?? []).slice(0, 2000) : [],
    ),
  )
  const distinct = new Map(
    [...inTables, ...inTexts, ...quarters, ...cells].map((period) => [
      `${period.year}:${period.firstDay}:${period.lastDay}`,
      period,
    ]),
  )
  return [...distinct.values()]
}

function phrasesOf(profiles: readonly Profile[]): Phrase[] {
  const found = new Map<string, { text: string; columns: Set<string> }>()
  for (const { table } of profiles) {
    table.columns.forEach((column, index) => {
      if (column.type !== 'text') return
      for (const row of table.rows) {
        const cell = row[index]?.trim() ?? ''
        if (cell === '' || cell.length > longestMember || parsePeriod(cell)) continue
        const key = keyOf(cell)
        if (key === '') continue
        const entry = found.get(key) ?? { text: cell, columns: new Set<string>() }
        entry.columns.add(column.name.toLowerCase())
        found.set(key, entry)
      }
    })
  }
  const members = [...found].map(([key, { text, columns }]) => ({ tokens: key.split(' '), text, key, columns }))
  const others = members.flatMap((member) => {
    const group = aliases.find((names) => names.some((name) => keyOf(name) === member.key)) ?? []
    return group
      .filter((name) => !found.has(keyOf(name)))
      .map((name) => ({ ...member, text: name, tokens: tokensOf(name) }))
  })
  // Longest first, so that "Latin America North" is not read as "Latin America"
  return [...members, ...others].toSorted((a, b) => b.tokens.length - a.tokens.length)
}

function outlineOf(profile: Profile): Outline {
  const choices = new Set<string>()
  for (const index of profile.dimensions) {
    const cells = new Set(profile.body.map((row) => profile.table.rows[row]?.[index]))
    if (cells.size > 1) choices.add(profile.table.columns[index]?.name.toLowerCase() ?? '')
  }
  return { profile, choices, whole: aboutRows(profile, profile.body) }
}

function viewOf(fact: Fact, outline: Outline | undefined): FactView {
  const value = toDecimal(fact.value)?.toNumber() ?? Number.NaN
  if (!outline) {
    const nothing = { members: new Map<string, readonly string[]>(), choices: new Set<string>(), periods: [] }
    return { fact, value, profile: undefined, measure: undefined, ...nothing }
  }
  const { profile, choices, whole } = outline
  const measure = profile.measures.find(({ name }) => name === fact.lineage.columns[0])
  const about = fact.lineage.rows.length === 0 ? whole : aboutRows(profile, fact.lineage.rows)
  const members =
    fact.lineage.rows.length === 0
      ? new Map(
          [...about.members].map(([column, keys]) => [
            column,
            keys !== 'whole' && keys.length > 1 ? ('whole' as const) : keys,
          ]),
        )
      : about.members
  return { fact, value, profile, measure, choices, members: withoutSummed(fact, members), periods: about.periods }
}

/** Members per category column and periods that stand in the given rows. */
function aboutRows(profile: Profile, rows: readonly number[]): Pick<FactView, 'members' | 'periods'> {
  const members = new Map<string, readonly string[] | 'whole'>()
  profile.table.columns.forEach((column, index) => {
    if (column.type !== 'text' || profile.axis?.columns.includes(index)) return
    const keys = new Set<string>()
    for (const row of rows) {
      keys.add(keyOf(profile.table.rows[row]?.[index] ?? ''))
      if (keys.size > 3) break
    }
    members.set(column.name.toLowerCase(), keys.size > 3 ? 'whole' : [...keys])
  })
  const periods = new Map<string, Period>()
  for (const row of rows) {
    const period = profile.axis?.periods[row]
    if (period) periods.set(periodKey(period), period)
  }
  return { members, periods: [...periods.values()].toSorted((a, b) => a.firstDay - b.firstDay) }
}

/** A sum over a table's few categories is about none of them; a difference or a share of several is about each. */
function withoutSummed(
  fact: Fact,
  members: ReadonlyMap<string, readonly string[] | 'whole'>,
): ReadonlyMap<string, readonly string[] | 'whole'> {
  const { kind, lineage } = fact
  const apart = kind === 'cell' || kind === 'maximum' || kind === 'minimum' || kind === 'outlier' || kind === 'rank'
  const pair = kind === 'difference' && lineage.rows.length <= 2
  const together = kind === 'share' && lineage.columns.length === 1
  if (apart || pair || together) return members
  return new Map([...members].map(([column, keys]) => [column, keys !== 'whole' && keys.length > 1 ? 'whole' : keys]))
}

/** Words that many measures share and that tell none from another. */
const commonStems = new Set(
  'total avg average number count num of per sum net gross value rate amount share change growth prev previou last current year quarter month'.split(
    ' ',
  ),
)

/** Per measure (by name) the stems of the words it goes by. */
function measureStemsOf(profiles: readonly Profile[]): Map<string, ReadonlySet<string>> {
  const measures = profiles.flatMap((profile) => profile.measures)
  return new Map(
    measures.map(({ name, label }) => [
      name,
      new Set(
        wordsOf(label)
          .map(stem)
          .filter((word) => !commonStems.has(word)),
      ),
    ]),
  )
}
