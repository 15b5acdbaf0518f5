import type { Chart, Slide } from '../deck.ts'
import { escapeText } from '../escape.ts'
import type { Fact } from '../fact.ts'
import { limits } from '../limits.ts'
import { missingText, seriesFormatter } from '../format.ts'
import { allValues } from '../charts/chart-model.ts'
import type { DeckContext } from './context.ts'
import { exactValue, isBlank, lineageText, richHtml } from './rich-text.ts'
import { screenTable } from './screen-table.ts'
import { visibleTexts } from './slide-texts.ts'
import { sideStyle } from './styles.ts'

/**
 * What stands behind a slide, folded away under it on screen and absent in print: notes, chart data, every number. It has
 * the slide's side of the theme; `context` is that of the document.
 */
export function backupHtml(slide: Slide, index: number, context: DeckContext): string {
  const parts: string[] = []
  // One level under the slide's own heading, which is the page's h1 on the first.
  const h = index === 0 ? 'h2' : 'h3'
  if (!isBlank(slide.notes, context)) {
    parts.push(
      `<${h}>${context.words.notes}</${h}><p class="spoken" dir="auto">${richHtml(slide.notes, context, limits.notes)}</p>`,
    )
  }
  if (slide.layout === 'chart' || slide.layout === 'chart_table') {
    parts.push(`<${h}>${context.words.chartData}</${h}>${chartData(slide.chart, context)}`)
  }
  const facts = factsOf(slide, context)
  if (facts.length > 0) parts.push(`<${h}>${context.words.numbers}</${h}>${factTable(facts, context)}`)
  if (parts.length === 0) return ''
  const style = sideStyle(context.on(slide).theme, context.theme)
  return `<details class="backup"${style}><summary>${escapeText(context.words.backup)} ${index + 1}</summary>${parts.join('')}</details>`
}

function chartData(chart: Chart, context: DeckContext): string {
  const model = context.chartModel(chart)
  const format = seriesFormatter(model.unit, allValues(model.series), context.language, Number.POSITIVE_INFINITY)
  const { horizontal } = model
  const across =
    horizontal === null
      ? null
      : seriesFormatter(
          horizontal.unit,
          horizontal.values.filter((value) => value !== null),
          context.language,
          Number.POSITIVE_INFINITY,
        )
  const columns = [
    { heading: model.xName, isNumber: false },
    ...(horizontal === null ? [] : [{ heading: horizontal.name, isNumber: true }]),
    ...model.series.map((one) => ({ heading: one.name, isNumber: true })),
  ]
  const write = (value: number | null | undefined): string =>
    value === null || value === undefined || across === null ? missingText : across(value)
  const rows = model.categories.map((category, at) => [
    category.label,
    ...(horizontal === null ? [] : [write(horizontal.values[at])]),
    ...model.series.map((one) => {
      const value = one.values[at]
      return value === null || value === undefined ? missingText : format(value)
    }),
  ])
  return screenTable(columns, rows)
}

function factTable(facts: readonly Fact[], context: DeckContext): string {
  const columns = [
    { heading: context.words.value, isNumber: true },
    { heading: context.words.meaning, isNumber: false },
    { heading: context.words.computed, isNumber: false },
  ]
  return screenTable(
    columns,
    facts.map((fact) => [exactValue(fact, context), fact.label, lineageText(fact, context)]),
  )
}

/** Every fact that a slide or its notes show, once. */
export function factsOf(slide: Slide, context: DeckContext): readonly Fact[] {
  const ids = [...visibleTexts(slide), slide.notes].flatMap((text) =>
    text.flatMap((segment) => (typeof segment !== 'string' && 'fact' in segment ? [segment.fact] : [])),
  )
  const cards =
    slide.layout === 'kpis'
      ? slide.kpis.flatMap((kpi) => [kpi.fact, ...(kpi.change === undefined ? [] : [kpi.change])])
      : []
  return [...new Set([...cards, ...ids])].map((id) => context.fact(id))
}
