import { describe, expect, it } from 'vitest'
import { asksToStartOver, helpText, isOnlyEmoji, meaningOf } from '../../../src/bot/chat/words.ts'

describe('meaningOf', () => {
  it.each([
    ['Help', 'help'],
    ['What can you do?', 'help'],
    ['stop', 'stop'],
    ['Please cancel that!', 'stop'],
    ['give me the CSV', 'csv'],
    ['Thanks a lot :)', 'nothing'],
    ['Forget this conversation.', 'forget'],
    ['stop selling in EMEA: what would it cost?', 'question'],
    ['help requests by region', 'question'],
    ['new topic', 'question'],
  ])('takes %j for %s', (text, meaning) => {
    expect(meaningOf(text)).toBe(meaning)
  })
})

describe('asksToStartOver', () => {
  it.each(['new topic', 'New conversation!', 'start over', 'Please begin a new topic', 'another chat please'])(
    'is true for %j',
    (text) => {
      expect(asksToStartOver(text)).toBe(true)
    },
  )

  it.each(['new topics by month', 'start over from slide 3', 'revenue of new conversations', ''])(
    'is false for %j',
    (text) => {
      expect(asksToStartOver(text)).toBe(false)
    },
  )
})

describe('isOnlyEmoji', () => {
  it.each([
    ['👍', true],
    [':+1: 🎉', true],
    ['7', false],
    ['revenue 👍', false],
    ['', false],
  ])('of %j is %s', (text, isOnly) => {
    expect(isOnlyEmoji(text)).toBe(isOnly)
  })
})

describe('helpText', () => {
  it('names every word that is understood, and topics only where words begin them', () => {
    const inThreads = JSON.stringify(helpText({ startsOver: false }))
    const inChats = JSON.stringify(helpText({ startsOver: true }))

    for (const word of ['csv', 'stop', 'undo']) {
      expect(inThreads).toContain(`"${word}"`)
      expect(inChats).toContain(`"${word}"`)
    }
    expect(inThreads).not.toContain('new topic')
    expect(inChats).toContain('new topic')
  })

  it.each([true, false])('names words that mean what it says (topics: %s)', (startsOver) => {
    const bold = [helpText({ startsOver })]
      .flat()
      .flatMap((part) => (typeof part === 'object' && 'bold' in part ? [part.bold] : []))

    expect(bold.map(meaningOf)).toEqual(expect.arrayContaining(['csv', 'stop', 'forget', 'question']))
    expect(bold.some(asksToStartOver)).toBe(startsOver)
  })
})
