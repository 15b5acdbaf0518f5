import { z } from 'zod'

/**
 * What Adaptive Cards 1.5 says of the elements that we use: their properties, which of them must be there, and which
 * values they take. Anything else is refused, so that a misspelt property is found here and not in Teams.
 * @see https://adaptivecards.io/explorer
 */
const placed = {
  id: z.string().optional(),
  spacing: z.enum(['none', 'small', 'default', 'medium', 'large', 'extraLarge', 'padding']).optional(),
  separator: z.boolean().optional(),
}
const alignment = z.enum(['left', 'center', 'right']).optional()
const size = z.enum(['default', 'small', 'medium', 'large', 'extraLarge']).optional()
const weight = z.enum(['default', 'lighter', 'bolder']).optional()
const containerStyle = z.enum(['default', 'emphasis', 'good', 'attention', 'warning', 'accent']).optional()
const width = z.union([z.enum(['auto', 'stretch']), z.string().regex(/^\d+px$/), z.number().positive()])

const TextRun = z.strictObject({
  type: z.literal('TextRun'),
  text: z.string().min(1),
  weight,
  size,
  color: z.enum(['default', 'dark', 'light', 'accent', 'good', 'warning', 'attention']).optional(),
  isSubtle: z.boolean().optional(),
  fontType: z.enum(['default', 'monospace']).optional(),
})
const RichTextBlock = z.strictObject({
  type: z.literal('RichTextBlock'),
  inlines: z.array(z.union([z.string().min(1), TextRun])).min(1),
  horizontalAlignment: alignment,
  ...placed,
})
const TextBlock = z.strictObject({
  type: z.literal('TextBlock'),
  text: z.string(),
  style: z.enum(['default', 'heading']).optional(),
  wrap: z.boolean().optional(),
  weight,
  size,
  ...placed,
})
const Image = z.strictObject({
  type: z.literal('Image'),
  url: z.url(),
  altText: z.string().min(1),
  size: z.enum(['auto', 'stretch', 'small', 'medium', 'large']).optional(),
  msteams: z.strictObject({ allowExpand: z.boolean() }).optional(),
  ...placed,
})
const button = {
  title: z.string().min(1),
  tooltip: z.string().min(1).optional(),
  style: z.enum(['default', 'positive', 'destructive']).optional(),
  mode: z.enum(['primary', 'secondary']).optional(),
}
const CardAction = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('Action.OpenUrl'), url: z.url({ protocol: /^https?$/ }), ...button }),
  z.strictObject({ type: z.literal('Action.Execute'), verb: z.string(), data: z.looseObject({}), ...button }),
  z.strictObject({ type: z.literal('Action.Submit'), data: z.looseObject({}), ...button }),
])
const ActionSet = z.strictObject({
  type: z.literal('ActionSet'),
  actions: z.array(CardAction).min(1),
  ...placed,
})
const Table = z.strictObject({
  type: z.literal('Table'),
  firstRowAsHeader: z.boolean().optional(),
  showGridLines: z.boolean().optional(),
  columns: z.array(z.strictObject({ width, horizontalCellContentAlignment: alignment })).min(1),
  rows: z
    .array(
      z.strictObject({
        type: z.literal('TableRow'),
        style: containerStyle,
        cells: z.array(z.strictObject({ type: z.literal('TableCell'), items: z.array(RichTextBlock).min(1) })),
      }),
    )
    .min(1),
  ...placed,
})
const input = { ...placed, id: z.string().min(1), label: z.string().min(1) }
const required = { isRequired: z.boolean().optional(), errorMessage: z.string().min(1).optional() }
const InputText = z.strictObject({
  type: z.literal('Input.Text'),
  placeholder: z.string().optional(),
  isMultiline: z.boolean().optional(),
  maxLength: z.number().int().positive().optional(),
  ...required,
  ...input,
})
const InputChoiceSet = z.strictObject({
  type: z.literal('Input.ChoiceSet'),
  style: z.enum(['compact', 'expanded', 'filtered']).optional(),
  placeholder: z.string().optional(),
  choices: z.array(z.strictObject({ title: z.string().min(1), value: z.string().min(1) })).min(1),
  ...required,
  ...input,
})
const Container = z.strictObject({
  type: z.literal('Container'),
  style: containerStyle,
  get items() {
    return z.array(Element).min(1)
  },
  ...placed,
})
const Column = z.strictObject({
  type: z.literal('Column'),
  width: width.optional(),
  verticalContentAlignment: z.enum(['top', 'center', 'bottom']).optional(),
  get items(): z.ZodArray<z.ZodType> {
    return z.array(Element)
  },
})
const ColumnSet = z.strictObject({ type: z.literal('ColumnSet'), columns: z.array(Column).min(1), ...placed })
const Element: z.ZodType = z.lazy(() =>
  z.discriminatedUnion('type', [
    RichTextBlock,
    TextBlock,
    Image,
    ActionSet,
    Table,
    InputText,
    InputChoiceSet,
    Container,
    ColumnSet,
  ]),
)

export const AdaptiveCardSchema = z.strictObject({
  type: z.literal('AdaptiveCard'),
  $schema: z.literal('http://adaptivecards.io/schemas/adaptive-card.json'),
  version: z.literal('1.5'),
  body: z.array(Element).min(1),
  fallbackText: z.string().min(1),
  msteams: z.strictObject({ width: z.literal('Full') }).optional(),
})
