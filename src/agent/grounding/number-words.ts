/** Numbers written in words, in the language of the deck and in English. */

type Words = Readonly<Record<string, number>>

/** "ten:10 eleven:11 …" as a table. */
const table = (text: string): Words =>
  Object.fromEntries(text.split(' ').map((entry) => [entry.split(':')[0] ?? '', Number(entry.split(':')[1])]))

const english = table(
  'zero:0 one:1 two:2 three:3 four:4 five:5 six:6 seven:7 eight:8 nine:9 ten:10 eleven:11 twelve:12 thirteen:13 fourteen:14 fifteen:15 sixteen:16 seventeen:17 eighteen:18 nineteen:19 twenty:20 thirty:30 forty:40 fourty:40 fifty:50 sixty:60 seventy:70 eighty:80 ninety:90',
)
const german = table(
  'null:0 eins:1 ein:1 eine:1 einen:1 einem:1 einer:1 zwei:2 drei:3 vier:4 fünf:5 sechs:6 sieben:7 acht:8 neun:9 zehn:10 elf:11 zwölf:12 dreizehn:13 vierzehn:14 fünfzehn:15 sechzehn:16 siebzehn:17 achtzehn:18 neunzehn:19 zwanzig:20 dreißig:30 vierzig:40 fünfzig:50 sechzig:60 siebzig:70 achtzig:80 neunzig:90',
)
const french = table(
  'zéro:0 un:1 une:1 deux:2 trois:3 quatre:4 cinq:5 six:6 sept:7 huit:8 neuf:9 dix:10 onze:11 douze:12 treize:13 quatorze:14 quinze:15 seize:16 vingt:20 trente:30 quarante:40 cinquante:50 soixante:60',
)
const spanish = table(
  'cero:0 uno:1 un:1 una:1 dos:2 tres:3 cuatro:4 cinco:5 seis:6 siete:7 ocho:8 nueve:9 diez:10 once:11 doce:12 trece:13 catorce:14 quince:15 veinte:20 treinta:30 cuarenta:40 cincuenta:50 sesenta:60 setenta:70 ochenta:80 noventa:90',
)
const ones: Readonly<Record<string, Words>> = { en: english, de: german, fr: french, es: spanish }

const scales = table(
  'hundred:100 thousand:1e3 million:1e6 millions:1e6 billion:1e9 billions:1e9 trillion:1e12 dozen:12 hundert:100 tausend:1e3 millionen:1e6 milliarde:1e9 milliarden:1e9 dutzend:12 cent:100 cents:100 mille:1e3 milliard:1e9 milliards:1e9 douzaine:12 cien:100 ciento:100 mil:1e3 millón:1e6 millones:1e6 docena:12',
)
const foreignScales = new Set(['cent', 'cents', 'mille', 'mil', 'null'])

export interface WordNumber {
  readonly value: number
  readonly start: number
  readonly end: number
}

/** The number that starts at a word of the text, as long as it goes: "two hundred and fifty thousand". */
export type WordNumberReader = (text: string, at: number) => WordNumber | null

export function wordNumberReader(language: string): WordNumberReader {
  const own = language.slice(0, 2).toLowerCase()
  const words = new Map(Object.entries({ ...ones[own], ...english }))
  const scaleOf = (word: string): number | undefined =>
    own === 'en' && foreignScales.has(word) ? undefined : Object.hasOwn(scales, word) ? scales[word] : undefined
  const valueOf = (word: string): number | undefined =>
    words.get(word) ?? (own === 'de' ? germanCompound(word) : undefined)
  return (text, at) => readNumber(text, at, valueOf, scaleOf)
}

/** "fünfundzwanzig", "zweihundert". */
function germanCompound(word: string): number | undefined {
  const tens = /^(\p{L}+)und(\p{L}+ig|\p{L}+ßig)$/u.exec(word)
  if (tens) {
    const [unit, ten] = [german[tens[1] ?? ''], german[tens[2] ?? '']]
    return unit === undefined || ten === undefined ? undefined : unit + ten
  }
  const large = /^(\p{L}+?)(hundert|tausend)$/u.exec(word)
  const unit = german[large?.[1] ?? '']
  return unit === undefined ? undefined : unit * (large?.[2] === 'hundert' ? 100 : 1000)
}

type Lookup = (word: string) => number | undefined

function readNumber(text: string, at: number, valueOf: Lookup, scaleOf: Lookup): WordNumber | null {
  const word = /[\p{L}]+/uy
  const joint = /(?:[\s-]+)(?:(?:and|und|et|y)\s+)?/uy
  let [whole, group, end, fraction] = [0, 0, -1, '']
  let position = at
  for (let count = 0; count < 12; count += 1) {
    word.lastIndex = position
    const found = word.exec(text)?.[0].toLowerCase()
    if (found === undefined) break
    const [value, scale] = [valueOf(found), scaleOf(found)]
    const stop = position + found.length
    if (value !== undefined && (end < 0 || fits(group, value))) group += value
    else if (scale !== undefined && end >= 0 && scale <= 100) group = Math.max(group, 1) * scale
    else if (scale !== undefined && end >= 0) [whole, group] = [whole + Math.max(group, 1) * scale, 0]
    else if (end < 0 && /^(?:an?)$/.test(found) && startsScale(text, stop, scaleOf)) group = 1
    else if ((found === 'point' || found === 'komma') && end >= 0) {
      const decimals = readDigits(text, stop, valueOf)
      if (!decimals) break
      fraction = decimals.digits
      end = decimals.end
      return scaled(text, { value: whole + Number(`${group}.${fraction}`), start: at, end }, scaleOf)
    } else break
    end = stop
    joint.lastIndex = stop
    const gap = joint.exec(text)
    if (!gap) break
    position = joint.lastIndex
  }
  return end < 0 ? null : { value: whole + group, start: at, end }
}

/** After "twenty" comes a unit, after "hundred" anything below it; "two five" are two numbers. */
const fits = (group: number, value: number): boolean =>
  group === 0
    ? false
    : (group % 100 === 0 && value < 100) || (group % 100 >= 20 && group % 10 === 0 && value < 10 && value > 0)

function startsScale(text: string, at: number, scaleOf: Lookup): boolean {
  const next = /^\s+(\p{L}+)/u.exec(text.slice(at, at + 20))?.[1]
  return next !== undefined && scaleOf(next.toLowerCase()) !== undefined
}

function readDigits(
  text: string,
  at: number,
  valueOf: Lookup,
): { readonly digits: string; readonly end: number } | null {
  const word = /\s+(\p{L}+)/uy
  let [digits, end] = ['', at]
  for (;;) {
    word.lastIndex = end
    const match = word.exec(text)
    const value = valueOf((match?.[1] ?? '').toLowerCase())
    if (!match || value === undefined || value > 9) break
    digits += String(value)
    end = word.lastIndex
  }
  return digits === '' ? null : { digits, end }
}

function scaled(text: string, number: WordNumber, scaleOf: Lookup): WordNumber {
  const next = /^\s+(\p{L}+)/u.exec(text.slice(number.end, number.end + 20))
  const scale = next ? scaleOf((next[1] ?? '').toLowerCase()) : undefined
  return scale === undefined || !next
    ? number
    : { ...number, value: number.value * scale, end: number.end + next[0].length }
}
