const longestTitle = 80

/**
 * Shown in the browser where it can, offered for saving otherwise, under a name that tells the deck:
 * `Q4 sales by region.pdf`, `Q4 sales by region, slide 2.png`. `file` is a name as the renderer gives it.
 */
export function contentDisposition(title: string, file: string): string {
  const dot = file.lastIndexOf('.')
  const [stem, extension] = [file.slice(0, dot), file.slice(dot)]
  const part = stem === 'deck' ? '' : `, ${stem.replace('-', ' ')}`
  const name = `${safeTitle(title)}${part}${extension}`
  const how = shown.has(extension) ? 'inline' : 'attachment'
  const ascii = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^ -~]/g, '_')
  return `${how}; filename="${ascii}"; filename*=UTF-8''${encodeName(name)}`
}

const shown: ReadonlySet<string> = new Set(['.html', '.pdf', '.png'])

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

/** As RFC 8187 wants it. */
function encodeName(name: string): string {
  return encodeURIComponent(name).replaceAll(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}
