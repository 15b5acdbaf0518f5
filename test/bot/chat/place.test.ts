import { describe, expect, it } from 'vitest'
import { isWritten, toOrigin } from '../../../src/bot/chat/origin.ts'
import { type Place, threadAt, turnIdAt } from '../../../src/bot/chat/place.ts'
import { IncomingMessage } from '../../../src/bot/message.ts'
import { decodeThreadId } from '../../../src/bot/thread.ts'

const slack: Place = { platform: 'slack', tenant: 'T1', channel: 'C1', id: '1700000000.000100', isDirect: false }
const teams: Place = {
  platform: 'teams',
  tenant: '11111111-2222-3333-4444-555555555555',
  channel: '19:abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz@thread.tacv2',
  id: '1700000000000',
  isDirect: false,
}

describe('turnIdAt', () => {
  it('can be read on Slack', () => {
    expect(turnIdAt(slack)).toBe('slack-T1-C1-1700000000.000100')
  })

  it.each([slack, teams])('is a turn’s id, with room for what is asked about the same message ($platform)', (place) => {
    const id = `${turnIdAt(place)}.drop-12`

    expect(IncomingMessage.shape.id.safeParse(id).success).toBe(true)
  })

  it.each(['tenant', 'channel', 'id'] as const)('differs with the %s', (part) => {
    expect(turnIdAt({ ...teams, [part]: `${teams[part]}1` })).not.toBe(turnIdAt(teams))
  })

  it('does not take one place for another whose parts read the same in a row', () => {
    expect(turnIdAt({ ...teams, channel: 'a', id: 'bc' })).not.toBe(turnIdAt({ ...teams, channel: 'ab', id: 'c' }))
  })
})

describe('threadAt', () => {
  it.each([slack, teams])('leads back to tenant, channel and root ($platform)', (place) => {
    const { platform, tenant, channel, id: root } = place

    expect(decodeThreadId(threadAt(place))).toEqual({ platform, tenant, channel, root })
  })
})

describe('isWritten', () => {
  it.each([slack, teams])('tells what a person wrote from what a button asked ($platform)', (place) => {
    const written: IncomingMessage = {
      id: turnIdAt(place),
      thread: threadAt({ ...place, id: 'root' }),
      text: 'Revenue?',
      user: { id: 'U1' },
      sentAt: 1,
      origin: toOrigin(place),
    }

    expect(isWritten(written)).toBe(true)
    expect(isWritten({ ...written, id: `${written.id}.ask-0` })).toBe(false)
  })
})
