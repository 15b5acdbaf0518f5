import { describe, expect, it } from 'vitest'
import { mentionsIn, toPlainText } from '../../../src/bot/slack/plain-text.ts'

describe('toPlainText', () => {
  it.each([
    ['<@U0BOT> revenue by region', 'revenue by region'],
    ['<@U0BOT|deckhand>, revenue', 'revenue'],
    ['hey <@U0BOT>: revenue', 'hey revenue'],
    ['what did <@U0ADA|ada> sell, and <@U0GRACE>?', 'what did @ada sell, and @U0GRACE?'],
    ['in <#C0SALES|sales> and <#C0X>', 'in #sales and #C0X'],
    ['<!here> <!subteam^S1|@finance> <!date^1700000000^{date}|14 Nov>', '@here @finance 14 Nov'],
    ['see <https://example.com/a?b=1&amp;c=2|the page>, <https://x.io>', 'see the page, https://x.io'],
    ['mail <mailto:a@b.io|a@b.io>', 'mail a@b.io'],
    ['*bold* _italic_ ~gone~ `code` ```block```', 'bold italic gone code block'],
    ['order_id and 2*3*4 and a_b_c', 'order_id and 2*3*4 and a_b_c'],
    ['(*revenue*), _net_.', '(revenue), net.'],
    ['a &lt; b &amp;&amp; c &gt; d &amp;lt;', 'a < b && c > d &lt;'],
    ['  two   words \n\n\n\n next  ', 'two words\n\nnext'],
    ['<@U0BOT>', ''],
  ])('reads %j', (markup, text) => {
    expect(toPlainText(markup, 'U0BOT')).toBe(text)
  })
})

describe('mentionsIn', () => {
  it('finds people and groups, not channels and links', () => {
    expect(
      mentionsIn('<@U1> <@W2|x> <!subteam^S3|@team> <!here> <!channel|channel> <#C1|sales> <https://x.io>'),
    ).toEqual(['U1', 'W2', 'subteam^S3', 'here', 'channel'])
  })
})
