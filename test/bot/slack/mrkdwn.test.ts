import { describe, expect, it } from 'vitest'
import { escapeMrkdwn, escapeWithin, linkTo } from '../../../src/bot/slack/mrkdwn.ts'

describe('escapeMrkdwn', () => {
  it('leaves no mention, channel or link', () => {
    expect(escapeMrkdwn('<!channel> & <https://evil.test|click>')).toBe(
      '&lt;!channel&gt; &amp; &lt;https://evil.test|click&gt;',
    )
  })
})

describe('escapeWithin', () => {
  it.each([3, 4, 5, 6, 7, 8])('never leaves half an escape in %i characters', (most) => {
    const text = escapeWithin('a<b>c&d<e', most)

    expect(text.length).toBeLessThanOrEqual(most)
    expect(text.replaceAll(/&(amp|lt|gt);/g, '')).not.toContain('&')
  })
})

describe('linkTo', () => {
  it('keeps label and address apart', () => {
    expect(linkTo('https://mlflow.test/#/a|b?x=1&y=2', 'Trace <1>|2')).toBe(
      '<https://mlflow.test/#/a%7Cb?x=1&amp;y=2|Trace &lt;1&gt;/2>',
    )
  })

  it.each(['', 'javascript:alert(1)', 'mlflow', 'file:///etc/passwd'])('opens no %j', (address) => {
    expect(linkTo(address, 'Trace')).toBe('')
  })
})
