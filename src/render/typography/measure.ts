import { interWidth, type Weight } from './fonts.ts'

/** Figures in tables and axes all have the width of the widest one. Thousandths of the font size, weight 600. */
const widestFigure = 666

/**
 * Width of a text in px, from Inter's own metrics and without kerning. Characters that Inter lacks are drawn by some
 * system font: their width is a rounded-up guess by script.
 */
export function textWidth(text: string, sizePx: number, weight: Weight = 400): number {
  let thousandths = 0
  for (const character of text) thousandths += characterWidth(character, weight)
  return (thousandths * sizePx) / 1000
}

// Widths never change; a deck asks for the same few hundred characters tens of thousands of times.
const known: Readonly<Record<Weight, Map<string, number>>> = { 400: new Map(), 600: new Map() }

function characterWidth(character: string, weight: Weight): number {
  let width = known[weight].get(character)
  if (width === undefined) {
    const codePoint = character.codePointAt(0) ?? 0
    const isFigure = codePoint >= 0x30 && codePoint <= 0x39
    width = isFigure ? widestFigure : (interWidth(codePoint, weight) ?? foreignWidth(character))
    known[weight].set(character, width)
  }
  return width
}

function foreignWidth(character: string): number {
  if (/\p{Mn}|\p{Me}|\p{Cf}/u.test(character)) return 0
  if (/\p{Emoji_Presentation}/u.test(character)) return 1400
  if (/[\p{Script=Arabic}\p{Script=Hebrew}]/u.test(character)) return 640
  return isWide(character) ? 1020 : 760
}

/** True for the scripts whose characters fill a square and may be broken between any two of them. */
function isWide(character: string): boolean {
  return /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff00-\uffef]/u.test(
    character,
  )
}

/**
 * Breaks a text into the lines it takes at a width, the way the page does: at spaces, behind hyphens and ellipses, between
 * ideographs, and inside a word only when the word alone is too long.
 */
export function wrapText(text: string, widthPx: number, sizePx: number, weight: Weight = 400): string[] {
  const lines: string[] = []
  let line = ''
  let lineWidth = 0
  const push = (): void => {
    lines.push(line.trimEnd())
    line = ''
    lineWidth = 0
  }
  for (const word of splitWords(text)) {
    if (word === '\n') {
      push()
      continue
    }
    const width = textWidth(word.trimEnd(), sizePx, weight)
    if (lineWidth > 0 && lineWidth + width > widthPx) push()
    if (width > widthPx) {
      for (const character of word) {
        const step = textWidth(character, sizePx, weight)
        if (lineWidth > 0 && lineWidth + step > widthPx) push()
        line += character
        lineWidth += step
      }
      continue
    }
    line += word
    lineWidth += textWidth(word, sizePx, weight)
  }
  if (line !== '' || lines.length === 0) push()
  return lines
}

function splitWords(text: string): string[] {
  const words: string[] = []
  let word = ''
  const push = (): void => {
    if (word !== '') words.push(word)
    word = ''
  }
  for (const character of text) {
    if (character === '\n') {
      push()
      words.push(character)
    } else if (isWide(character)) {
      push()
      words.push(character)
    } else {
      word += character
      if (/[ \t…-]/.test(character)) push()
    }
  }
  push()
  return words
}

/** The text, or as much of its beginning as fits the width with an ellipsis. */
export function truncateText(text: string, widthPx: number, sizePx: number, weight: Weight = 400): string {
  if (textWidth(text, sizePx, weight) <= widthPx) return text
  const room = widthPx - textWidth('…', sizePx, weight)
  let kept = ''
  let width = 0
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    width += textWidth(segment, sizePx, weight)
    if (width > room) break
    kept += segment
  }
  return `${kept.trimEnd()}…`
}
