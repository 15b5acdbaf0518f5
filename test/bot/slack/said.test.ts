import { describe, expect, it } from 'vitest'
import { channelAt } from '../../../src/bot/slack/places.ts'
import { toMrkdwn } from '../../../src/bot/slack/said.ts'

describe('toMrkdwn', () => {
  it('keeps text text', () => {
    expect(toMrkdwn('a < b & <!here>')).toBe('a &lt; b &amp; &lt;!here&gt;')
  })

  it('writes each part in Slack’s markup, with the words of others escaped', () => {
    const said = toMrkdwn([
      'See ',
      { bold: 'a<b' },
      ' by ',
      { person: 'U1' },
      ' in ',
      { channel: channelAt('T1', 'C1') },
      ': ',
      { link: 'https://x.io/?a=1&b=2', label: 'c>d' },
    ])

    expect(said).toBe('See *a&lt;b* by <@U1> in <#C1>: <https://x.io/?a=1&amp;b=2|c&gt;d>')
  })

  it('sets a quote apart in all of its lines', () => {
    expect(toMrkdwn(['You asked:', { quote: 'one\n<two>' }])).toBe('You asked:\n>one\n>&lt;two&gt;')
  })

  it('says a label alone where nobody could open the address', () => {
    expect(toMrkdwn([{ link: 'javascript:alert(1)', label: 'data' }])).toBe('data')
  })
})
