const longestTitle = 80

/**
 * Name for a file of a deck that tells the deck: `Q4 sales by region.pdf`, `Q4 sales by region, slide 2.png`. `file` is a
 * name as the renderer gives it.
 */
export function deckFileName(title: string, file: string): string {
  const dot = file.lastIndexOf('.')
  const [stem, extension] = [file.slice(0, dot), file.slice(dot)]
  const part = stem === 'deck' ? '' : `, ${stem.replace('-', ' ')}`
  return `${safeTitle(title)}${part}${extension}`
}

/** Without what file systems, shells or headers give a meaning to, nor signs that turn the direction of reading. */
function safeTitle(title: string): string {
  const clean = title
    .toWellFormed()
    .replaceAll(/[\p{C}\p{Z}]+/gu, ' ')
    .replaceAll(/["'\\/:*?<>|%;`$]/g, '')
    .replaceAll(/ +/g, ' ')
    .replace(/^[. ]+/, '')
  const short = Array.from(clean)
    .slice(0, longestTitle)
    .join('')
    .replace(/[. ]+$/, '')
  return short === '' ? 'deck' : short
}
