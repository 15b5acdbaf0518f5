/** One picture to draw: a page of a PDF (from zero) at a width, and the height that follows from it. */
export interface PictureWanted {
  readonly page: number
  readonly widthPx: number
  /** Pictures to lay on top, each wholly inside. */
  readonly paste?: readonly PastedPicture[]
}

/** A PNG file of our own at its place from the left and the top. */
export interface PastedPicture {
  readonly png: Uint8Array
  readonly leftPx: number
  readonly topPx: number
}

/**
 * What the rasterizer tells its threads. Those that got the same job share `taken`, one 32-bit number: how many of its
 * pictures have been begun. A thread that is free adds one and draws the picture at that place, so that the job is not
 * late because the system gave one thread less of a core.
 */
export type ToWorker =
  | {
      readonly type: 'draw'
      readonly job: number
      readonly pdf: SharedArrayBuffer
      readonly wanted: readonly PictureWanted[]
      readonly taken: SharedArrayBuffer
    }
  | { readonly type: 'cancel'; readonly job: number }

/** What a thread answers: each picture when it is ready, by its place in `wanted`, then how the job ended. */
export type FromWorker =
  | { readonly type: 'picture'; readonly job: number; readonly place: number; readonly png: Uint8Array<ArrayBuffer> }
  | { readonly type: 'done'; readonly job: number }
  | { readonly type: 'failed'; readonly job: number; readonly message: string }
