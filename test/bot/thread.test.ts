import { describe, expect, it } from 'vitest'
import { decodeThreadId, encodeThreadId, type Thread, type ThreadId } from '../../src/bot/thread.ts'

describe('ThreadId', () => {
  it.each<Thread>([
    { platform: 'slack', tenant: 'T012', channel: 'C345', root: '1700000000.000100' },
    { platform: 'teams', tenant: 'a-b', channel: '19:meeting_x@thread.v2;messageid=17', root: '17' },
    { platform: 'cli', tenant: 'ada', channel: 'shell', root: 'Umsätze % {a}.b/c 日本' },
    { platform: 'api', tenant: '', channel: '', root: '' },
  ])('comes back as the thread it was made of: %o', (thread) => {
    expect(decodeThreadId(encodeThreadId(thread))).toEqual(thread)
  })

  it('differs whenever a part differs, separators included', () => {
    const ids = [
      { platform: 'cli', tenant: 'a.b', channel: 'c', root: 'd' },
      { platform: 'cli', tenant: 'a', channel: 'b.c', root: 'd' },
      { platform: 'cli', tenant: 'a', channel: 'b', root: 'c.d' },
    ].map((thread) => encodeThreadId(thread as Thread))

    expect(new Set(ids).size).toBe(3)
  })

  it('refuses text that is no thread id', () => {
    for (const text of ['', 'slack.a.b', 'irc.a.b.c', 'slack.a.b.c.d']) {
      expect(() => decodeThreadId(text as ThreadId)).toThrow(TypeError)
    }
  })
})
