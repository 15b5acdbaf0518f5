import { mkdtemp, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { connect } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startPlayground } from '../../../sandbox/local/playground.ts'
import { startTestServer } from '../../support/http-server.ts'

let dir = ''

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'deckhand-playground-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

describe('startPlayground', () => {
  it('brings what is said to the bot, as from Teams, and takes answers where it says', async () => {
    await using bot = await startTestServer({ 'POST /api/messages': {}, 'HEAD /api/messages': { status: 405 } })
    await using playground = await startPlayground({ botUrl: `${bot.url}/api/messages`, dir })
    const { personalChat, tenantId, botId, botName } = playground.places
    const say = `${playground.url}/_conversation/v1/conversations/${personalChat}/messages`
    const body = JSON.stringify({ type: 'text', text: 'Hello', textFormat: 'plain', from: { id: '29:user-0' } })
    await fetch(say, { method: 'POST', headers: { 'content-type': 'application/json' }, body })

    await expect
      .poll(() => bot.to('POST /api/messages').map(({ json }) => json), { timeout: 10_000 })
      .toMatchObject([
        {
          type: 'message',
          text: 'Hello',
          channelId: 'msteams',
          serviceUrl: `${playground.url}/_connector`,
          conversation: { id: personalChat, tenantId, conversationType: 'personal' },
          from: { id: '29:user-0', name: 'Ada Lovelace' },
          recipient: { id: botId, name: botName },
        },
      ])
    const page = await fetch(`${playground.url}/`)
    expect(await page.text()).toContain('<div id="root">')
  })

  it('can be reached from this machine alone, and is gone with its end', async () => {
    const playground = await startPlayground({ botUrl: 'http://127.0.0.1:1/api/messages', dir })
    const port = Number(new URL(playground.url).port)
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ address }) => address !== '127.0.0.1' && !address.startsWith('fe80'))
    try {
      expect(await opens('127.0.0.1', port)).toBe(true)
      expect(await Promise.all(others.map(({ address }) => opens(address, port)))).not.toContain(true)
    } finally {
      await playground[Symbol.asyncDispose]()
    }
    expect(await opens('127.0.0.1', port)).toBe(false)
  })

  it('gives up when told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    const starting = startPlayground({ botUrl: 'http://127.0.0.1:1/api/messages', dir, signal })
    await expect(starting).rejects.toThrow('enough')
  })
})

async function opens(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
