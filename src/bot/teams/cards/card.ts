/**
 * The part of Adaptive Cards 1.5 that we use, and what Teams adds to it.
 * @see https://adaptivecards.io/explorer
 */
export interface AdaptiveCard {
  readonly type: 'AdaptiveCard'
  readonly $schema: string
  readonly version: '1.5'
  readonly body: readonly CardElement[]
  /** Shown by clients that are too old for the version. */
  readonly fallbackText: string
  /** @see https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format#full-width-adaptive-card */
  readonly msteams?: { readonly width: 'Full' }
}

interface Placed {
  readonly id?: string
  readonly spacing?: 'none' | 'small' | 'default' | 'medium' | 'large'
  readonly separator?: boolean
}

type Colour = 'default' | 'accent' | 'good' | 'warning' | 'attention'

/** Text in which nothing is markup: Markdown is read in `TextBlock` only. */
export interface TextRun {
  readonly type: 'TextRun'
  readonly text: string
  readonly weight?: 'bolder'
  readonly size?: 'small' | 'medium' | 'large'
  readonly color?: Colour
  readonly isSubtle?: true
  readonly fontType?: 'monospace'
}

export interface RichTextBlock extends Placed {
  readonly type: 'RichTextBlock'
  readonly inlines: readonly (TextRun | string)[]
  readonly horizontalAlignment?: 'right'
}

/** A heading of our own words: the one element that screen readers know as such. */
export interface TextBlock extends Placed {
  readonly type: 'TextBlock'
  readonly text: string
  readonly style: 'heading'
  readonly wrap: true
  readonly weight: 'bolder'
  readonly size: 'medium'
}

export interface Image extends Placed {
  readonly type: 'Image'
  readonly url: string
  readonly altText: string
  readonly size: 'stretch'
  /** A press shows it in full size. */
  readonly msteams?: { readonly allowExpand: true }
}

export interface Container extends Placed {
  readonly type: 'Container'
  readonly items: readonly CardElement[]
  readonly style?: 'emphasis' | 'warning'
}

export interface Column {
  readonly type: 'Column'
  readonly width: 'stretch' | 'auto' | '20px'
  readonly items: readonly CardElement[]
  readonly verticalContentAlignment?: 'center'
}

export interface ColumnSet extends Placed {
  readonly type: 'ColumnSet'
  readonly columns: readonly Column[]
}

export interface Table extends Placed {
  readonly type: 'Table'
  readonly firstRowAsHeader: true
  readonly showGridLines: false
  readonly columns: readonly { readonly width: number; readonly horizontalCellContentAlignment?: 'right' }[]
  readonly rows: readonly {
    readonly type: 'TableRow'
    readonly style?: 'emphasis'
    readonly cells: readonly { readonly type: 'TableCell'; readonly items: readonly RichTextBlock[] }[]
  }[]
}

export interface InputText extends Placed {
  readonly type: 'Input.Text'
  readonly id: string
  readonly label: string
  readonly placeholder: string
  readonly isMultiline: true
  readonly maxLength: number
  readonly isRequired?: true
  readonly errorMessage?: string
}

export interface InputChoiceSet extends Placed {
  readonly type: 'Input.ChoiceSet'
  readonly id: string
  readonly label: string
  readonly style: 'compact'
  readonly placeholder: string
  readonly choices: readonly { readonly title: string; readonly value: string }[]
  readonly isRequired: true
  readonly errorMessage: string
}

interface Button {
  readonly title: string
  readonly tooltip?: string
  readonly style?: 'positive' | 'destructive'
  /** `secondary` stands in the menu behind "…". */
  readonly mode?: 'secondary'
}

export type CardAction =
  | (Button & { readonly type: 'Action.OpenUrl'; readonly url: string })
  | (Button & { readonly type: 'Action.Execute'; readonly verb: string; readonly data: object })
  | (Button & { readonly type: 'Action.Submit'; readonly data: object })

export interface ActionSet extends Placed {
  readonly type: 'ActionSet'
  readonly actions: readonly CardAction[]
}

export type CardElement =
  | RichTextBlock
  | TextBlock
  | Image
  | Container
  | ColumnSet
  | Table
  | InputText
  | InputChoiceSet
  | ActionSet

/** A card with these elements. */
export function cardOf(body: readonly CardElement[]): AdaptiveCard {
  return {
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.5',
    body,
    fallbackText: 'This app is too old to show the answer. Please update Microsoft Teams.',
  }
}

/** As wide as the conversation; for messages that are worth it. */
export function wide(card: AdaptiveCard): AdaptiveCard {
  return { ...card, msteams: { width: 'Full' } }
}

/** As an attachment of a message. */
export function cardAttachment(card: AdaptiveCard): { readonly contentType: string; readonly content: AdaptiveCard } {
  return { contentType: 'application/vnd.microsoft.card.adaptive', content: card }
}

/** What a value takes on the wire. */
export function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}
