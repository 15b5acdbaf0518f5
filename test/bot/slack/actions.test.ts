import { describe, expect, it } from 'vitest'
import type { Action } from '../../../src/bot/chat/action.ts'
import { actionIds, encodeAction, parseAction } from '../../../src/bot/slack/actions.ts'

const turnId = 'slack-T0001-C0001-1700000000.000100'

describe('actions', () => {
  it.each<Action | { name: 'link' }>([
    { name: 'stop', turnId },
    { name: 'retry', turnId },
    { name: 'sql', turnId },
    { name: 'publish', turnId },
    { name: 'ask', turnId, index: 0 },
    { name: 'ask', turnId, index: 12 },
    { name: 'slide', turnId, index: 3, command: 'why' },
    { name: 'feedback', turnId, rating: 'bad' },
    { name: 'link' },
  ])('come back from their element as they were: $name', (action) => {
    const { action_id: id, value } = encodeAction(action, 'pdf')

    expect(id).toMatch(actionIds)
    expect(parseAction(id, value)).toEqual(action)
  })

  it('have ids of their own where several stand side by side', () => {
    const ids = [0, 1, 2].map((index) => encodeAction({ name: 'ask', turnId, index }).action_id)

    expect(new Set(ids).size).toBe(3)
    expect(encodeAction({ name: 'link' }, 'pdf').action_id).not.toBe(encodeAction({ name: 'link' }, 'csv').action_id)
  })

  it.each([
    ['other.stop', turnId],
    ['deckhand', turnId],
    ['deckhand.explode', turnId],
    ['deckhand.stop', ''],
    ['deckhand.stop', `${turnId}:1`],
    ['deckhand.stop', 'a turn'],
    ['deckhand.stop', '../../deckhand:lock'],
    ['deckhand.ask.0', turnId],
    ['deckhand.ask.0', `${turnId}:-1`],
    ['deckhand.ask.0', `${turnId}:1e3`],
    ['deckhand.ask.0', `${turnId}:0:edit`],
    ['deckhand.ask.0', `${turnId}:9999`],
    ['deckhand.slide', `${turnId}:1:explode`],
    ['deckhand.slide', `${turnId}:1:edit:more`],
    ['deckhand.feedback', `${turnId}:great`],
  ])('that were altered are none: %s %s', (id, value) => {
    expect(parseAction(id, value)).toBeUndefined()
  })
})
