import { readFileSync } from 'node:fs'

// oxlint-disable-next-line typescript/no-explicit-any -- payloads have any shape, and tests reach into them
export type Payload = any

/** A JSON payload below `test/fixtures`, such as `databricks/chat-completion`. A fresh copy each time: tests change it. */
export function fixture(name: string): Payload {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8'))
}
