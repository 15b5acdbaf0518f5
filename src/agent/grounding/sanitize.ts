/** Longest text of one field that is kept; a slide holds far less. */
const maxLength = 2000

/** First digit of each run of ten that is not found by walking back, because several runs stand side by side. */
const mathematicalDigits = 0x1d7ce

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", nbsp: ' ' }

/**
 * Model text as plain text: no control, invisible or direction-changing characters, no tags or Markdown marks, all
 * decimal digits as 0-9, white space collapsed, length capped. No "<" is left standing before a letter. Running it
 * again changes nothing. Untrusted all the same: the renderer escapes it.
 */
export function sanitizeText(modelText: string): string {
  let text = modelText.slice(0, maxLength * 4)
  // What hides behind an entity, or between two tags or marks, may be a tag itself, so until nothing changes
  for (let round = 0; round < 20; round += 1) {
    const before = text
    text = collapse(stripMarkdown(stripTags(decodeEntities(visible(text))))).trim()
    if (text === before) break
  }
  return text
    .replaceAll(/<(?=[\p{L}/!?])/gu, '‹')
    .slice(0, maxLength)
    .trim()
}

function visible(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\uFF01-\uFF5E]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replaceAll(/\p{Nd}/gu, asciiDigit)
    .replaceAll('\u066A', '%')
    .replaceAll('\u066B', '.')
    .replaceAll('\u066C', ',')
    .replaceAll(/\r\n?|[\u2028\u2029\u0085\v\f]/g, '\n')
    .replaceAll(/[^\P{C}\n\t]|[\u2800\u3164\uFFA0\u115F\u1160\uFFFD]/gu, '')
    .replaceAll('\u034F', '')
    .replaceAll(/(?<=\d)\p{M}+|(?<=\p{M}{2})\p{M}+/gu, '')
}

function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0
  if (code < 0x80) return digit
  if (code >= mathematicalDigits && code < mathematicalDigits + 50) return String((code - mathematicalDigits) % 10)
  let start = code
  while (start > code - 10 && /\p{Nd}/u.test(String.fromCodePoint(start - 1))) start -= 1
  return String((code - start) % 10)
}

function decodeEntities(text: string): string {
  return text.replaceAll(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,5}));/gi, (whole, decimal, hex, name: string) => {
    if (name !== undefined) return entities[name.toLowerCase()] ?? whole
    const code = decimal === undefined ? Number.parseInt(hex as string, 16) : Number(decimal)
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code).toWellFormed() : ''
  })
}

function stripTags(text: string): string {
  return text
    .replaceAll(/<(script|style|iframe|svg|math|template|noscript|object|title|head)\b[^>]*>[\s\S]*?<\/\1\s*>/gi, ' ')
    .replaceAll(/<!--[\s\S]*?-->/g, ' ')
    .replaceAll(/<\/?(?:p|br|li|ul|ol|div|tr|td|th|h\d|table)\b[^>]*>/gi, ' ')
    .replaceAll(/<[\p{L}/!?][^<>]*>/gu, '')
}

function stripMarkdown(text: string): string {
  return text
    .replaceAll(/!?\[([^\]\n]*)\]\([^)\n]*\)/g, '$1')
    .replaceAll(/```+\w*|`/g, '')
    .replaceAll(/\*\*|__(?=\S)|(?<=\S)__/g, '')
    .replaceAll(/(?<![\p{L}\p{N}*])\*(?=\S)|(?<=[\p{L}\p{P}])\*(?![\p{L}\p{N}*])/gu, '')
    .replaceAll(/(^|\n)[ \t]*(?:#{1,6}|>)[ \t]+/g, '$1')
}

/** Lines of a list become clauses; every other run of white space one space. A number that only counts the lines goes. */
function collapse(text: string): string {
  return text
    .replace(/^\s*(?:[-*•·–]|\d{1,2}[.)])\s+/, '')
    .replaceAll(/([.!?:;,]?)[ \t]*\n\s*(?:[-*•·–]|\d{1,2}[.)])\s+/g, (_, end: string) =>
      end === '' ? '; ' : `${end} `,
    )
    .replaceAll(/\s+/g, ' ')
}
