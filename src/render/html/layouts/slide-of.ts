import type { Slide, SlideLayout } from '../../deck.ts'

/** The slide type of one layout. */
export type SlideOf<Layout extends SlideLayout> = Extract<Slide, { layout: Layout }>

/** What a full-bleed slide needs to be part of the page: its heading level and its own attributes. */
export interface Frame {
  readonly tag: 'h1' | 'h2'
  readonly attributes: string
}
