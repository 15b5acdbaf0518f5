import { escapeText } from '../escape.ts'
import type { DeckContext } from './context.ts'

/** A file of the deck that its page leads to. */
export interface PageFile {
  /** The same in every language, such as `PDF`. */
  readonly label: string
  readonly url: string
}

/** Above the slides and on screen only; empty when there are none. */
export function filesHtml(files: readonly PageFile[], { words }: DeckContext): string {
  const links = files.map(({ label, url }) => `<a href="${escapeText(url)}" rel="noreferrer">${escapeText(label)}</a>`)
  return links.length === 0
    ? ''
    : `<nav class="files" aria-label="${escapeText(words.files)}">${links.join('')}</nav>\n`
}
