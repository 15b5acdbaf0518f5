import { inspect } from 'node:util'

const hidden = '[secret]'

/**
 * A value that must never be shown: every way of printing it (string conversion, JSON, `inspect`, template text)
 * yields `[secret]`. Call {@link Secret.reveal} at the last moment, where the value goes on the wire.
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return hidden
  }

  toJSON(): string {
    return hidden
  }

  [inspect.custom](): string {
    return hidden
  }
}
