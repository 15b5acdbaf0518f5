import type { Readable, Writable } from 'node:stream'
import type { ConnectionTransport } from 'puppeteer-core/internal/puppeteer-core-browser.js'

/**
 * Chromium's remote debugging pipe: JSON messages, each with a zero byte after it. Unlike a port, nobody else can reach
 * it, and it needs no network.
 */
export function createPipeTransport(toBrowser: Writable, fromBrowser: Readable): ConnectionTransport {
  let parts: Buffer[] = []
  const transport: ConnectionTransport = {
    send(message) {
      toBrowser.write(`${message}\0`)
    },
    close() {
      toBrowser.destroy()
      fromBrowser.destroy()
    },
  }
  fromBrowser.on('data', (chunk: Buffer) => {
    let from = 0
    for (let end = chunk.indexOf(0); end >= 0; end = chunk.indexOf(0, from)) {
      const message = Buffer.concat([...parts, chunk.subarray(from, end)]).toString()
      parts = []
      from = end + 1
      // A turn for each, so that whoever waits for one message goes on before the next arrives.
      setImmediate(() => transport.onmessage?.(message))
    }
    if (from < chunk.length) parts.push(chunk.subarray(from))
  })
  fromBrowser.once('close', () => transport.onclose?.())
  // A browser that ended closes both ends; the closing is what tells.
  for (const stream of [toBrowser, fromBrowser]) stream.on('error', () => undefined)
  return transport
}
