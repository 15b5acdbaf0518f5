import { describe, expect, it } from 'vitest'
import { mentionsIn, toPlainText } from '../../../src/bot/teams/plain-text.ts'
import { Activity } from '../../../src/bot/teams/wire.ts'

const bot = '28:app'
const mention = (id: string, name: string): Record<string, unknown> => ({
  type: 'mention',
  text: `<at>${name}</at>`,
  mentioned: { id, name },
})
const written = (text: string, entities: readonly unknown[] = [], textFormat = 'plain'): Activity =>
  Activity.parse({
    type: 'message',
    text,
    textFormat,
    entities,
    channelId: 'msteams',
    serviceUrl: 'https://smba.example/',
    from: { id: '29:ada' },
    recipient: { id: bot },
    conversation: { id: '19:x' },
  })

describe('toPlainText', () => {
  it.each([
    ['<at>Deckhand</at> revenue by region', 'revenue by region'],
    ['<at>Deckhand</at>, revenue', 'revenue'],
    ['hey <at>Deckhand</at>: revenue', 'hey revenue'],
    ['<at>Deckhand</at>&nbsp;revenue\r\nby month', 'revenue\nby month'],
    ['revenue &lt; 5 &amp;&amp; &quot;EMEA&quot; &amp;lt;', 'revenue < 5 && "EMEA" &lt;'],
    ['  two   words \n\n\n\n next  ', 'two words\n\nnext'],
    ['<at>Deckhand</at>', ''],
  ])('reads %j', (text, plain) => {
    expect(toPlainText(written(text, [mention(bot, 'Deckhand')]), bot)).toBe(plain)
  })

  it('names other people, also those with the bot’s name', () => {
    const text = '<at>Deckhand</at> what did <at>Grace Hopper</at> sell?'

    const plain = toPlainText(written(text, [mention(bot, 'Deckhand'), mention('29:grace', 'Grace Hopper')]), bot)

    expect(plain).toBe('what did Grace Hopper sell?')
  })

  it('takes for a mention only what Teams says is one', () => {
    expect(toPlainText(written('what does <at>Deckhand</at> mean'), bot)).toBe('what does <at>Deckhand</at> mean')
  })

  it('leaves the tags of formatted text out, and nothing else', () => {
    expect(toPlainText(written('<p>revenue <b>by</b> region</p><p>a &lt; b</p>', [], 'xml'), bot)).toBe(
      'revenue by region\na < b',
    )
  })

  it('reads a message without text', () => {
    expect(toPlainText({ ...written(''), text: null }, bot)).toBe('')
  })
})

describe('mentionsIn', () => {
  it('finds people, and passes over what it cannot read', () => {
    const entities = [
      mention(bot, 'Deckhand'),
      { type: 'clientInfo' },
      { type: 'mention' },
      { type: 'mention', mentioned: 7 },
    ]

    expect(mentionsIn(entities)).toEqual([{ id: bot, text: '<at>Deckhand</at>' }])
    expect(mentionsIn(null)).toEqual([])
  })
})
