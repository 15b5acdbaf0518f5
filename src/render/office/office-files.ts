import type { Deck } from '../deck.ts'
import type { Format, RenderedFile } from '../renderer.ts'
import type { Themes } from '../theme.ts'
import { deckToCsv } from './deck-to-csv.ts'
import { deckToXlsx } from './deck-to-xlsx.ts'
import { deckToPptx } from './pptx/deck-to-pptx.ts'

const mediaTypes = {
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv; charset=utf-8; header=present',
} as const

/**
 * The wished files for office programs, PowerPoint first: `deck.pptx`, `deck.xlsx` and a CSV for each table. No browser is
 * needed for them.
 * @throws RenderError `bad-deck`
 */
export async function officeFiles(
  deck: Deck,
  want: readonly Format[],
  themes: Themes | undefined,
): Promise<readonly RenderedFile[]> {
  const files: RenderedFile[] = []
  const add = (format: keyof typeof mediaTypes, name: string, bytes: Uint8Array): void => {
    files.push({ format, name, mediaType: mediaTypes[format], bytes })
  }
  if (want.includes('pptx')) add('pptx', 'deck.pptx', await deckToPptx(deck, themes))
  if (want.includes('xlsx')) add('xlsx', 'deck.xlsx', await deckToXlsx(deck))
  if (want.includes('csv')) for (const { name, bytes } of deckToCsv(deck)) add('csv', name, bytes)
  return files
}
