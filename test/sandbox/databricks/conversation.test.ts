import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Workspace } from '../../../sandbox/databricks/contract.ts'
import { createWorkspace } from '../../../sandbox/databricks/workspace.ts'
import { ask, type GenieReply } from './genie-caller.ts'

let workspace: Workspace

beforeAll(async () => {
  workspace = await createWorkspace({ brain: async () => ({ content: '' }), today: '2026-11-23' })
  await workspace.ready()
})

afterAll(async () => {
  await workspace[Symbol.asyncDispose]()
})

/** Asks the messages in one conversation and returns the last reply. */
async function talk(...messages: readonly string[]): Promise<GenieReply> {
  let reply: GenieReply | undefined
  for (const message of messages) reply = await ask(workspace, message, { conversationId: reply?.conversationId })
  if (!reply) throw new Error('nothing was said')
  return reply
}

describe('a conversation with the sandbox Genie', () => {
  // A follow-up gives what the whole question would give
  it.each<[string, readonly string[], string]>([
    ['narrows to a value', ['What were Q4 2023 sales by region?', 'only EMEA'], 'Q4 2023 revenue by region for EMEA'],
    ['changes the split', ['Q4 2023 revenue by region', 'by month instead'], 'Q4 2023 revenue by month'],
    [
      'keeps what was narrowed',
      ['Q4 2023 revenue by region', 'only EMEA', 'by month instead'],
      'Q4 2023 revenue for EMEA by month',
    ],
    ['changes the time', ['revenue by region in 2023', 'and for 2022?'], 'revenue by region in 2022'],
    [
      'takes a month from the year talked about',
      ['revenue by region in 2023', 'and in March?'],
      'revenue by region in March 2023',
    ],
    ['ranks what was split', ['revenue by country in 2024', 'top 5'], 'top 5 countries by revenue in 2024'],
    [
      'changes the measure',
      ['revenue by category in 2025', 'what about returns?'],
      'returned orders by category in 2025',
    ],
    ['answers a bare measure', ['revenue by category in 2025', 'margin?'], 'gross margin by category in 2025'],
    [
      'leaves returns out',
      ['revenue by category in 2025', 'without returns'],
      'revenue by category in 2025 excluding returns',
    ],
    ['shows shares', ['revenue by category in 2025', 'as share'], 'share of revenue by category in 2025'],
    [
      'goes down from a region',
      ['revenue by region in 2025', 'only EMEA', 'drill down by country'],
      'revenue by country in EMEA in 2025',
    ],
    [
      'goes down from all regions',
      ['revenue by region in 2025', 'drill down by country'],
      'revenue by region and country in 2025',
    ],
    ['adds a measure', ['revenue by region in 2025', 'also orders'], 'revenue and orders by region in 2025'],
    [
      'adds a value',
      ['revenue by month for EMEA in 2025', 'also APAC'],
      'revenue by region and month in 2025 for EMEA and APAC',
    ],
    [
      'replaces a value of the same kind',
      ['revenue by month for EMEA in 2025', 'what about APAC?'],
      'revenue by month for APAC in 2025',
    ],
    [
      'replaces a region by a country in another one',
      ['revenue by month for EMEA in 2025', 'what about Japan?'],
      'revenue by month for Japan in 2025',
    ],
    [
      'compares with a named year',
      ['revenue by region in 2024', 'compare with 2022'],
      'revenue by region 2024 vs 2022',
    ],
    [
      'compares with the year before',
      ['revenue by region in 2024', 'vs previous year'],
      'revenue by region 2024 vs 2023',
    ],
    ['moves a comparison', ['revenue growth by region in 2024', 'and for 2023?'], 'revenue growth by region in 2023'],
    ['drops the split for the total', ['revenue by region in 2024', 'in total'], 'revenue in 2024'],
    [
      'gives up what was narrowed',
      ['revenue by region in 2024', 'only EMEA', 'remove the filter'],
      'revenue by region in 2024',
    ],
    ['takes in all time', ['revenue by region in 2024', 'for all time'], 'revenue by region'],
    ['repeats for a chart', ['revenue by region in 2024', 'as a bar chart please'], 'revenue by region in 2024'],
    [
      'lists what was counted',
      ['How many customers churned in 2024?', 'which ones?'],
      'list the customers who churned in 2024',
    ],
    [
      'counts what was listed',
      ['list the customers who churned in 2024', 'by segment'],
      'churned customers by segment in 2024',
    ],
    [
      'narrows a list',
      ['list the customers who churned in 2024', 'only Enterprise'],
      'list the Enterprise customers who churned in 2024',
    ],
    ['limits to another number', ['top 5 products by revenue in 2024', 'top 3'], 'top 3 products by revenue in 2024'],
    [
      'keeps rates when shares make no sense',
      ['revenue by region in 2024', 'as share', 'what about margin?'],
      'gross margin by region in 2024',
    ],
  ])('%s', async (_what, messages, whole) => {
    const followed = await talk(...messages)
    const asked = await talk(whole)

    expect(followed.text).toBe('')
    expect(followed.rows.length).toBeGreaterThan(0)
    expect(followed.rows).toEqual(asked.rows)
    expect(followed.columns).toEqual(asked.columns)
  })

  it('forgets nothing over a message it does not understand', async () => {
    const reply = await talk('revenue by region in 2024', 'and the weather?', 'only EMEA')

    expect(reply.rows).toEqual((await talk('revenue by region in 2024 for EMEA')).rows)
  })

  it('takes a whole new question as one', async () => {
    const reply = await talk('revenue by month for EMEA in 2025', 'How many orders did we get in 2022?')

    expect(reply.rows).toEqual((await talk('How many orders did we get in 2022?')).rows)
  })

  it.each<[string, readonly string[], string]>([
    ['the base of a growth', ['revenue growth in Q4 2023', 'the previous quarter'], 'revenue Q4 2023 vs Q3 2023'],
    [
      'the base of a growth, a year back',
      ['revenue growth in Q4 2023', 'year over year'],
      'revenue Q4 2023 vs Q4 2022',
    ],
    ['the measure', ['by region in 2023', 'revenue'], 'revenue by region in 2023'],
    [
      'the measure, with a verb',
      ['show me performance by region in 2023', 'show revenue'],
      'revenue by region in 2023',
    ],
    ['what an average is over', ['average revenue in 2023', 'per month'], 'average monthly revenue in 2023'],
    [
      'which average',
      ['average revenue by region in 2023', 'average order value'],
      'average order value by region in 2023',
    ],
    ['what is ranked', ['highest return rate in 2025', 'by product'], 'return rate by product in 2025, highest first'],
  ])('asks for %s and goes on from the answer', async (_what, messages, whole) => {
    const asking = await talk(messages[0] ?? '')
    const answered = await talk(...messages)

    expect(asking).toMatchObject({ sql: undefined, purpose: 'FOLLOW_UP_QUESTION', status: 'COMPLETED' })
    expect(answered.rows.length).toBeGreaterThan(0)
    expect(answered.rows).toEqual((await talk(whole)).rows)
  })

  it.each([
    ['top 2 regions by revenue in 2024', 'show those by month'],
    ['list the customers who churned in 2024', 'and the MRR of those by segment'],
  ])('does not pretend to remember the rows of "%s"', async (first, then) => {
    expect(await talk(first, then)).toMatchObject({ sql: undefined, purpose: 'FOLLOW_UP_QUESTION' })
  })

  it('goes on counting what was counted', async () => {
    const reply = await talk('How many customers are in EMEA?', 'how many of them are Enterprise?')

    expect(reply.rows).toEqual((await talk('How many Enterprise customers are in EMEA?')).rows)
  })

  it('keeps conversations apart', async () => {
    const [emea, apac] = await Promise.all([
      talk('revenue by region in 2023', 'only EMEA'),
      talk('revenue by region in 2023', 'only APAC'),
    ])

    expect(emea.rows.map(([region]) => region)).toEqual(['EMEA'])
    expect(apac.rows.map(([region]) => region)).toEqual(['APAC'])
  })

  it('reads questions sent before the last one was answered in their order', async () => {
    const { conversationId } = await ask(workspace, 'revenue by region in 2023')
    const replies = await Promise.all(
      ['only EMEA', 'by month instead', 'what about margin?'].map((message) =>
        ask(workspace, message, { conversationId }),
      ),
    )

    expect(replies.at(-1)?.description).toContain('Gross margin by month for region EMEA, 2023-01-01 to 2023-12-31')
  })
})
