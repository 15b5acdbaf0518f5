import { readFileSync } from 'node:fs'

/** A JSON payload below `test/fixtures`, such as `databricks/chat-completion`. A fresh copy each time: tests change it. */
// oxlint-disable-next-line typescript/no-explicit-any -- payloads have any shape, and tests reach into them
export function fixture(name: string): any {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8'))
}
