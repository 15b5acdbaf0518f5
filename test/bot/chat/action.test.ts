import { describe, expect, it } from 'vitest'
import { type Action, encodeAction, parseAction } from '../../../src/bot/chat/action.ts'

const turnId = 'teams-abc_DEF-123'

describe('actions', () => {
  it.each<Action>([
    { name: 'stop', turnId },
    { name: 'publish', turnId },
    { name: 'ask', turnId, index: 12 },
    { name: 'slide', turnId, index: 3, command: 'why' },
    { name: 'feedback', turnId, rating: 'bad' },
  ])('come back from JSON as they were, whatever stands beside: $name', (action) => {
    const data: unknown = JSON.parse(JSON.stringify({ ...encodeAction(action), root: '0', msteams: { type: 'x' } }))

    expect(parseAction(data)).toEqual(action)
  })

  it.each([
    undefined,
    'stop',
    {},
    { deckhand: 'stop' },
    { deckhand: { name: 'explode', turnId } },
    { deckhand: { name: 'stop', turnId: '' } },
    { deckhand: { name: 'stop', turnId: '../../deckhand:lock' } },
    { deckhand: { name: 'ask', turnId, index: -1 } },
    { deckhand: { name: 'ask', turnId, index: 1.5 } },
    { deckhand: { name: 'slide', turnId, index: 1, command: 'explode' } },
    { deckhand: { name: 'feedback', turnId, rating: 'great' } },
  ])('that were altered, or are not ours, are none: %j', (data) => {
    expect(parseAction(data)).toBeUndefined()
  })
})
