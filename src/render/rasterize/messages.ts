/** What the rasterizer tells its threads. Pages count from zero. */
export type ToWorker =
  | { readonly type: 'draw'; readonly job: number; readonly pdf: SharedArrayBuffer; readonly pages: readonly number[] }
  | { readonly type: 'cancel'; readonly job: number }

/** What a thread answers: each page when it is ready, then how the job ended. */
export type FromWorker =
  | { readonly type: 'page'; readonly job: number; readonly page: number; readonly png: Uint8Array<ArrayBuffer> }
  | { readonly type: 'done'; readonly job: number }
  | { readonly type: 'failed'; readonly job: number; readonly message: string }
