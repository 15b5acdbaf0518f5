import { describe, expect, it } from 'vitest'
import { encodeAction } from '../../../src/bot/chat/action.ts'
import { parseFeedback, parsePressed, parseSubmitted } from '../../../src/bot/teams/invokes.ts'

const place = { platform: 'teams', tenant: 't', channel: '19:x', id: '1', isDirect: false }
const about = { turnId: 'teams-1', index: 2, place, root: place, press: 'teams-2' }

describe('parsePressed', () => {
  it('reads a button with its topic', () => {
    const action = { name: 'ask', turnId: 'teams-1', index: 0 } as const

    expect(parsePressed({ ...encodeAction(action), root: '0', msteams: { type: 'task/fetch' } })).toEqual({
      action,
      root: '0',
    })
  })

  it.each([undefined, { root: '0' }, encodeAction({ name: 'stop', turnId: 'teams-1' }), 'deckhand'])(
    'finds none in %j',
    (data) => {
      expect(parsePressed(data)).toBeUndefined()
    },
  )
})

describe('parseSubmitted', () => {
  it('reads what was typed, and for what', () => {
    expect(parseSubmitted({ deckhandWindow: 'edit', about, value: 'Shorter' })).toEqual({
      kind: 'edit',
      about,
      value: 'Shorter',
    })
  })

  it('reads an empty field', () => {
    expect(parseSubmitted({ deckhandWindow: 'reason', about })?.value).toBe('')
  })

  it.each([
    { deckhandWindow: 'sql', about, value: '' },
    { deckhandWindow: 'edit', value: 'Shorter' },
    { deckhandWindow: 'edit', about: { ...about, root: 'x' }, value: 'Shorter' },
    { deckhandWindow: 'edit', about, value: 'x'.repeat(10_000) },
    { deckhandWindow: 'edit', about: { ...about, press: 'a b/../c' }, value: 'Shorter' },
  ])('does not take an altered one: %#', (data) => {
    expect(parseSubmitted(data)).toBeUndefined()
  })
})

describe('parseFeedback', () => {
  const value = (reaction: string, feedback?: unknown) => ({
    actionName: 'feedback',
    actionValue: { reaction, ...(feedback === undefined ? {} : { feedback }) },
  })

  it.each([
    ['words in JSON, as Teams sends them', value('dislike', '{"feedbackText":" wrong year "}'), 'bad', 'wrong year'],
    ['words as they are, as the playground sends them', value('like', 'great'), 'good', 'great'],
    ['no words', value('like', '{"feedbackText":""}'), 'good', ''],
    ['a thumb alone', value('dislike'), 'bad', ''],
  ])('reads %s', (_, given, rating, reason) => {
    expect(parseFeedback(given)).toEqual({ rating, reason })
  })

  it.each([undefined, {}, value('shrug'), { actionName: 'other', actionValue: { reaction: 'like' } }])(
    'finds none in %j',
    (given) => {
      expect(parseFeedback(given)).toBeUndefined()
    },
  )
})
