import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ServeModel } from '../../sandbox/databricks/serving/deployment.ts'
import { startHttpServer } from '../../sandbox/local/http-server.ts'
import { isRecord, list, parseRecord } from '../../sandbox/local/json.ts'
import { noAnswer, Row, type RowAnswer } from '../../src/served-agent/row.ts'
import { salesDeck } from '../fixtures/decks/sales.ts'
import { startDeckhand } from '../support/deckhand.ts'
import { configOf, startSandboxModels } from '../support/sandbox-models.ts'

/** `agent.mode: endpoint`, from the configuration to the files of `deckhand ask`. */

const { signal } = new AbortController()
const name = 'deckhand-dev'
const endpointMode = { DECKHAND_AGENT_MODE: 'endpoint', DECKHAND_DEV_ENDPOINT: name, DECKHAND_ENVIRONMENT: 'dev' }
let parts: AsyncDisposableStack
beforeEach(() => {
  parts = new AsyncDisposableStack()
})
afterEach(() => parts.disposeAsync())

/** A deployed agent that makes the same deck each time, one version further than the deck it is sent. */
function makesDecks(rows: Row[]): ServeModel {
  return async () => {
    const server = await startHttpServer({
      port: 0,
      async answer({ path, body }) {
        if (path !== '/invocations') return { status: 404, body: '' }
        const asked = list(parseRecord(body.toString('utf8'))['dataframe_records']).filter(isRecord)
        const predictions = asked.map((given): RowAnswer => {
          const row = Row.parse(given)
          rows.push(row)
          const deck = salesDeck({ version: (row.deck?.version ?? 0) + 1 })
          return {
            ...noAnswer,
            html: '<!doctype html>',
            slide_count: deck.slides.length,
            genie_conversation_id: 'conv-1',
            deck: JSON.stringify(deck),
            status: 'answered',
            answer: `Deployed: ${row.question}`,
          }
        })
        return { status: 200, body: JSON.stringify({ predictions }) }
      },
    })
    return { url: server.url, output: () => 'up', [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
  }
}

describe('With agent.mode endpoint, deckhand ask', { timeout: 60_000 }, () => {
  it('is answered by the deployed agent, follow-ups included, and writes the files', async () => {
    const rows: Row[] = []
    const models = parts.use(await startSandboxModels({ serveModel: makesDecks(rows) }))
    await models.register('one')
    await models.endpoints.create(name, configOf(['1']), {}, signal)
    await models.endpoints.waitUntilReady(name, configOf(['1']), { signal, timeoutMs: 600_000 })
    const deckhand = parts.use(await startDeckhand({ env: { ...endpointMode, DATABRICKS_HOST: models.workspace.url } }))

    const thread = randomUUID()
    const first = await deckhand.ask('How did sales develop?', { thread })
    const second = await deckhand.ask('Make it shorter', { thread })

    expect(first).toMatchObject({ status: 'answered', answer: 'Deployed: How did sales develop?' })
    expect(first.files).toEqual({ html: 'deck.html' })
    expect(second).toMatchObject({ status: 'answered', answer: 'Deployed: Make it shorter' })
    expect(rows).toMatchObject([
      { question: 'How did sales develop?' },
      { question: 'Make it shorter', genie_conversation_id: 'conv-1', deck: { version: 1 } },
    ])
    expect(models.workspace.requests.filter(({ path }) => path.includes('/genie/'))).toEqual([])
  })

  it('is answered in this process when there is no such endpoint', async () => {
    const deckhand = parts.use(await startDeckhand({ env: { ...endpointMode, LOG_LEVEL: 'silent' } }))

    const answered = await deckhand.ask('What were Q4 2023 sales by region?')

    expect(answered).toMatchObject({ status: 'answered', error: '' })
    expect(answered.files).toEqual({ html: 'deck.html' })
    expect(deckhand.workspace.requests.some(({ path }) => path.endsWith(`/${name}/invocations`))).toBe(true)
  })

  it('fails plainly when it may not be answered in this process', async () => {
    const adjust: NonNullable<Parameters<typeof startDeckhand>[0]>['adjust'] = (settings) => ({
      ...settings,
      agent: { ...settings.agent, endpointFallback: false },
    })
    const deckhand = parts.use(await startDeckhand({ env: { ...endpointMode, LOG_LEVEL: 'silent' }, adjust }))

    const failed = await deckhand.ask('What were Q4 2023 sales by region?')

    expect(failed).toMatchObject({ status: 'failed', error: 'not-found' })
    expect(failed.answer).toContain('there is no such endpoint')
    expect(deckhand.workspace.requests.filter(({ path }) => path.includes('/genie/'))).toEqual([])
  })

  it('does not start where the environment has no endpoint', async () => {
    const starting = startDeckhand({ env: { ...endpointMode, DECKHAND_DEV_ENDPOINT: '' } })

    await expect(starting).rejects.toThrow('mlflow.yaml serving.dev.endpoint_name: is empty')
  })
})
