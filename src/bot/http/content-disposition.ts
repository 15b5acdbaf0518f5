import { extname } from 'node:path'
import { deckFileName } from '../deck-file-name.ts'

/**
 * Shown in the browser where it can, offered for saving otherwise, under a name that tells the deck. `file` is a name as
 * the renderer gives it.
 */
export function contentDisposition(title: string, file: string): string {
  const name = deckFileName(title, file)
  const how = shown.has(extname(name)) ? 'inline' : 'attachment'
  const ascii = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^ -~]/g, '_')
  return `${how}; filename="${ascii}"; filename*=UTF-8''${encodeName(name)}`
}

const shown: ReadonlySet<string> = new Set(['.html', '.pdf', '.png'])

/** As RFC 8187 wants it. */
function encodeName(name: string): string {
  return encodeURIComponent(name).replaceAll(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}
