import { describe, expect, it } from 'vitest'
import { sayToActivity } from '../../../../src/bot/teams/cards/say.ts'

const spot = { platform: 'teams', tenant: 'tenant', channel: 'channel', isDirect: false } as const

describe('sayToActivity', () => {
  it('writes its own emphasis and links, and nothing of what stands in them', () => {
    expect(
      sayToActivity([
        'See ',
        { bold: 'the *deck*' },
        ' at ',
        { link: 'https://deck.test/d(1)?a=1&b=2', label: 'this [page]' },
        '.',
      ]),
    ).toEqual({
      type: 'message',
      textFormat: 'markdown',
      text: 'See **the &#42;deck&#42;** at [this &#91;page&#93;](https://deck.test/d%281%29?a=1&amp;b=2).',
      summary: 'See the *deck* at this [page].',
    })
  })

  it('sets a person’s words apart, line by line', () => {
    expect(sayToActivity(['Asked:', { quote: 'one\ntwo' }, 'Soon.']).text).toBe('Asked:\n\n> one\n\n> two\n\nSoon.')
  })

  it.each(['javascript:alert(1)', 'file:///etc/passwd', '', 'deck'])('opens no %j', (link) => {
    expect(sayToActivity([{ link, label: 'the deck' }]).text).toBe('the deck')
  })

  it('names places and people in words, since their names are not known here', () => {
    expect(sayToActivity([{ person: '29:1' }, ' asked in ', { channel: spot }, '.']).text).toBe(
      'somebody asked in the channel.',
    )
  })

  it('keeps plain text plain', () => {
    expect(sayToActivity('<at>Everyone</at> [x](https://evil.test)\n# now').text).toBe(
      '&#60;at&#62;Everyone&#60;/at&#62; &#91;x&#93;(https://evil.test)\n\n&#35; now',
    )
  })
})
