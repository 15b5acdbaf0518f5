import { describe, expect, it } from 'vitest'
import { readAnswer } from '../../../src/agent/genie/answer.ts'
import { Message } from '../../../src/agent/genie/schema.ts'
import { fixture, type Payload } from '../../support/fixtures.ts'

const read = (name: string) => readAnswer(Message.parse(fixture(`databricks/${name}`)))
const readText = (...texts: readonly object[]) =>
  readAnswer(Message.parse({ status: 'COMPLETED', attachments: texts.map((text) => ({ attachment_id: 'a', text })) }))

describe('readAnswer', () => {
  it('reads query, summary and suggestions, each suggestion once', () => {
    expect(read('genie-message-completed')).toEqual({
      query: {
        attachmentId: '01f0b7c8f20d1d4ebf60718293041526',
        title: 'Q4 2023 sales by region',
        sql: expect.stringMatching(/^SELECT region/),
        statementId: '01f0b7c8f1fc1e5fa071829304152637',
        truncated: false,
      },
      text: 'EMEA sold most in Q4 2023, followed by AMER.',
      asksBack: false,
      suggestions: ['How did Q4 2023 compare with Q4 2022?', 'Which products drove EMEA?'],
    })
  })

  it('takes the last query and drops thoughts and given-up attempts', () => {
    const answer = read('genie-message-self-corrected')

    expect(answer.query?.title).toBe('Q4 2023 sales by region')
    expect(answer.text).toBe('Sales are order amounts after discount.\n\nEMEA leads.\n\nShall I split it by product?')
  })

  it("takes a query's description when Genie wrote no text", () => {
    const message = fixture('databricks/genie-message-completed')
    message.attachments = [message.attachments[0]]

    expect(readAnswer(Message.parse(message)).text).toMatch(/^Adds up the order amounts/)
  })

  it.each([
    ['query_result_metadata', (m: Payload) => (m.attachments[0].query.query_result_metadata.is_truncated = true)],
    ['the deprecated query_result', (m: Payload) => (m.query_result.is_truncated = true)],
  ])('sees truncation in %s', (_where, change) => {
    const message = fixture('databricks/genie-message-completed')
    change(message)

    expect(readAnswer(Message.parse(message)).query?.truncated).toBe(true)
  })

  it('knows a question back by its purpose', () => {
    expect(read('genie-message-clarification')).toEqual({
      text: 'Do you mean gross or net sales?',
      asksBack: true,
      suggestions: [],
    })
    expect(
      readText({ content: 'Tell me the year.', purpose: 'TEXT_ATTACHMENT_PURPOSE_FOLLOW_UP_QUESTION' }).asksBack,
    ).toBe(true)
  })

  it.each([
    ['Which year?', true],
    ['Which metric do you mean?\n- revenue\n- orders', true],
    ['I am not sure what you mean. Is it **revenue?** Please say.', true],
    ['売上ですか？', true],
    ['I can only answer questions about sales.', false],
    ['See https://example.com/docs?page=2 for more.', false],
  ])('knows a question back by its form: %j', (content, asksBack) => {
    expect(readText({ content }).asksBack).toBe(asksBack)
  })

  it('believes Genie when it says that a text is an answer', () => {
    const answer = readText({ content: 'It is 5. Anything else?', purpose: 'TEXT_ATTACHMENT_PURPOSE_ANSWER' })

    expect(answer.asksBack).toBe(false)
  })

  it('takes text of an unknown phase only when there is nothing else', () => {
    const final = { content: 'The answer.', phase: 'RESPONSE_PHASE_FINAL' }

    expect(readText({ content: 'Hm.', phase: 'RESPONSE_PHASE_THINKING' }, final).text).toBe('The answer.')
    expect(readText({ content: 'Plain.' }, final).text).toBe('Plain.')
    expect(readText({ content: 'Hm.', phase: 'RESPONSE_PHASE_VERIFYING' }).text).toBe('')
  })

  it('reads nothing from attachments that are null, absent or odd', () => {
    for (const attachments of [null, undefined, [], [null, 7, 'x', { text: 'no object' }, { viz: {} }]]) {
      expect(readAnswer(Message.parse({ attachments }))).toEqual({ text: '', asksBack: false, suggestions: [] })
    }
  })
})
