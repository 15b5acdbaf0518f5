import { assertDeck } from '../../check-deck.ts'
import type { Deck, Slide } from '../../deck.ts'
import { factsOf } from '../../html/backup.ts'
import { createDeckContext, type DeckContext } from '../../html/context.ts'
import { exactValue, isBlank, lineageText, richPlain } from '../../html/rich-text.ts'
import type { Themes } from '../../theme.ts'
import { cutText, limits } from '../../limits.ts'
import { packParts, type Part, type Relationship } from '../package.ts'
import { propertyParts, propertyRelationships, type DocumentProperties } from '../properties.ts'
import { writeWorkbook } from '../workbook.ts'
import { tag, xmlDocument } from '../xml.ts'
import type { NativeChart } from './charts/native-chart.ts'
import { createStage, textLook } from './deck-canvas.ts'
import { linkRelationships } from './links.ts'
import {
  layoutPath,
  namespaces,
  notesMasterPath,
  notesShapes,
  presentationParts,
  shapeTree,
  typeOf,
  type Side,
} from './presentation.ts'
import { layOutSlide } from './slide.ts'

/**
 * A deck as a PowerPoint file: text, tables and charts that people can edit, set where the page has them, with the notes and
 * the origin of every number under each slide. Equal decks give equal bytes.
 * @throws RenderError `bad-deck` when `checkDeck` finds problems
 */
export async function deckToPptx(deck: Deck, themes?: Themes): Promise<Uint8Array> {
  assertDeck(deck)
  const context = createDeckContext(deck, themes)
  const turned = deck.slides.map((slide) => context.on(slide)).find((one) => one !== context)
  const own = sideOf(context, 1)
  const other = turned === undefined ? null : sideOf(turned, 2)
  const properties: DocumentProperties = {
    title: richPlain(deck.title, context),
    subject: cutText(deck.question, limits.text),
    language: context.language,
    createdAt: deck.createdAt,
  }
  const charts: NativeChart[] = []
  const slides = deck.slides.flatMap((slide, index) => {
    const side = other === null || context.on(slide) === context ? own : other
    return slideParts(slide, index, context.on(slide), side, charts)
  })
  const chartParts = await Promise.all(charts.map((chart, index) => partsOfChart(chart, index, properties)))
  return await packParts(
    [
      ...presentationParts(own, other, deck.slides.length),
      ...slides,
      ...chartParts.flat(),
      ...propertyParts(properties),
    ],
    [{ id: 'rIdPresentation', type: 'officeDocument', target: '/ppt/presentation.xml' }, ...propertyRelationships],
  )
}

function sideOf(context: DeckContext, number: Side['number']): Side {
  return { number, theme: context.theme, look: textLook(context) }
}

function slideParts(
  slide: Slide,
  index: number,
  context: DeckContext,
  side: Side,
  charts: NativeChart[],
): readonly Part[] {
  const links: Relationship[] = []
  const stage = createStage(context, (chart) => {
    charts.push(chart)
    const id = `rIdChart${charts.length}`
    links.push({ id, type: 'chart', target: `/ppt/charts/chart${charts.length}.xml` })
    return id
  })
  const layout = layOutSlide(stage, slide, index)
  const path = `/ppt/slides/slide${index + 1}.xml`
  const notesPath = `/ppt/notesSlides/notesSlide${index + 1}.xml`
  const notes = notesOf(slide, context)
  const mapping = tag('p:clrMapOvr', {}, tag('a:masterClrMapping'))
  const root = tag('p:sld', namespaces, tag('p:cSld', {}, shapeTree(stage.canvas.xml())), mapping)
  const part: Part = {
    path,
    contentType: typeOf('slide'),
    content: xmlDocument(root),
    relationships: [
      { id: 'rIdLayout', type: 'slideLayout', target: layoutPath(layout, side) },
      ...links,
      ...(slide.layout === 'title' || slide.layout === 'closing' ? linkRelationships(context) : []),
      ...(notes.length === 0 ? [] : [{ id: 'rIdNotes', type: 'notesSlide', target: notesPath }]),
    ],
  }
  if (notes.length === 0) return [part]
  const tree = shapeTree(notesShapes(notes, context.language))
  return [
    part,
    {
      path: notesPath,
      contentType: typeOf('notesSlide'),
      content: xmlDocument(tag('p:notes', namespaces, tag('p:cSld', {}, tree), mapping)),
      relationships: [
        { id: 'rIdMaster', type: 'notesMaster', target: notesMasterPath },
        { id: 'rIdSlide', type: 'slide', target: path },
      ],
    },
  ]
}

/** What the speaker says, then every number of the slide with what it is and how it was computed. */
function notesOf(slide: Slide, context: DeckContext): readonly string[] {
  const spoken = isBlank(slide.notes, context) ? [] : richPlain(slide.notes, context, limits.notes).split('\n')
  const facts = factsOf(slide, context).map((fact) =>
    cutText(`${exactValue(fact, context)}: ${fact.label} · ${lineageText(fact, context)}`, limits.text),
  )
  return facts.length === 0 ? spoken : [...spoken, ...(spoken.length > 0 ? [''] : []), context.words.numbers, ...facts]
}

async function partsOfChart(
  chart: NativeChart,
  index: number,
  properties: DocumentProperties,
): Promise<readonly Part[]> {
  const workbookPath = `/ppt/embeddings/chart${index + 1}.xlsx`
  const widths = (chart.cells[0] ?? []).map((_, at) => (at === 0 ? 24 : 16))
  const sheet = { name: 'Sheet1', rows: chart.cells, widths, hasHeader: false }
  return [
    {
      path: `/ppt/charts/chart${index + 1}.xml`,
      contentType: 'application/vnd.openxmlformats-officedocument.drawingml.chart+xml',
      content: chart.xml,
      relationships: [{ id: 'rIdWorkbook', type: 'package', target: workbookPath }],
    },
    {
      path: workbookPath,
      contentType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      content: await writeWorkbook([sheet], properties),
    },
  ]
}
