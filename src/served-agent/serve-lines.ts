import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { z } from 'zod'
import { parseJson } from '../lib/json.ts'
import { noAnswer, type RowAnswer } from './row.ts'

/** One line from the Python face: a row to be answered within `within_ms`, or a sign of life asked for. */
const Request = z.object({
  id: z.number(),
  row: z.unknown().optional(),
  within_ms: z.number().positive().optional(),
  ping: z.literal(true).optional(),
})

const usuallyWithinMs = 280_000

/**
 * Answers JSON lines from `input` on `output`, each as soon as it is known, whatever the order; every line that has an `id`
 * gets exactly one answer with the same. Resolves when the input has ended and all is answered.
 */
export async function serveLines(
  { input, output }: { readonly input: Readable; readonly output: Writable },
  answer: (row: unknown, signal: AbortSignal) => Promise<RowAnswer>,
): Promise<void> {
  const running = new Set<Promise<void>>()
  const send = (message: object): void => void output.write(`${JSON.stringify(message)}\n`)
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    const request = Request.safeParse(parseJson(line)).data
    if (!request) continue
    const { id, row, ping, within_ms: withinMs = usuallyWithinMs } = request
    if (ping) {
      send({ id, pong: true })
      continue
    }
    const work = answer(row, AbortSignal.timeout(withinMs)).then(
      (answered) => send({ id, answer: answered }),
      () => send({ id, answer: { ...noAnswer, error: 'Something went wrong. Please try again.' } }),
    )
    running.add(work)
    void work.finally(() => running.delete(work))
  }
  await Promise.all(running)
}
