/** Unbounded first-in first-out queue between one producer and one consumer that iterates it. */
export class AsyncQueue<T> implements AsyncIterable<T> {
  readonly #items: T[] = []
  #wake: PromiseWithResolvers<void> = Promise.withResolvers()
  #ended = false

  push(item: T): void {
    if (this.#ended) return
    this.#items.push(item)
    this.#wake.resolve()
  }

  /** No more items; the consumer's loop ends after those already there. */
  end(): void {
    this.#ended = true
    this.#wake.resolve()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      while (this.#items.length > 0) yield this.#items.shift() as T
      if (this.#ended) return
      await this.#wake.promise
      this.#wake = Promise.withResolvers()
    }
  }
}
