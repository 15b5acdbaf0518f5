import type { DeckContext } from '../../html/context.ts'
import { deckLinks } from '../../html/links.ts'
import type { Relationship } from '../package.ts'
import type { Stage } from './deck-canvas.ts'

/** Height of the line with links and the space above it; 0 when there are none. */
export function linksHeight(context: DeckContext): number {
  return deckLinks(context).length === 0 ? 0 : space.above + space.line
}

const space = { above: 8, line: 18 } as const

/** Draws the links on one line under `y`. The slide needs {@link linkRelationships}. */
export function drawLinks(
  stage: Stage,
  at: { readonly x: number; readonly y: number; readonly w: number },
  colour: string,
): void {
  const links = deckLinks(stage.context)
  if (links.length === 0) return
  const runs = links.flatMap(({ id, label }, index) => [
    ...(index === 0 ? [] : [{ text: ' · ' }]),
    { text: label, linkId: linkId(id) },
  ])
  const paragraph = { runs, sizePx: 13, linePx: space.line, colour }
  stage.canvas.text({ x: at.x, y: at.y + space.above, w: at.w, h: space.line }, [paragraph], { name: 'Links' })
}

/** What the parts of slides with links need beside their other relationships. */
export function linkRelationships(context: DeckContext): readonly Relationship[] {
  return deckLinks(context).map(({ id, url }) => ({
    id: linkId(id),
    type: 'hyperlink',
    target: url,
    isExternal: true,
  }))
}

function linkId(id: string): string {
  return `rIdLink-${id}`
}
