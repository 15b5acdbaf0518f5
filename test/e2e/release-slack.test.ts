import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sandboxCredentials } from '../../sandbox/databricks/contract.ts'
import type { SlackWorkspace } from '../../sandbox/slack/contract.ts'
import { createSlackWorkspace } from '../../sandbox/slack/workspace.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { createCredentials } from '../../src/lib/databricks/credentials.ts'
import { createHttpClient } from '../../src/lib/http.ts'
import { Secret } from '../../src/lib/secret.ts'
import { chooseRegistry } from '../../src/mlflow/registry/choose-registry.ts'
import { serveAnsweringModel } from '../support/answering-model.ts'
import { writeModelFolder } from '../support/model-folder.ts'
import { type SandboxBot, startSandboxBot } from '../support/sandbox-bot.ts'

/** A release to prod from Slack: `deckhand serve`, and a workspace that really serves. Ada deploys, Grace approves. */

const parts = new AsyncDisposableStack()
let slack: SlackWorkspace
let bot: SandboxBot

beforeAll(async () => {
  slack = parts.use(await createSlackWorkspace())
  const { team, people } = slack.ids
  const nobody = { deploy: [], approve: [], rollback: [], lock: [] }
  bot = parts.use(
    await startSandboxBot(
      { ...slack.env, DECKHAND_PROD_ENDPOINT: 'deckhand-prod' },
      {
        workspace: { serveModel: serveAnsweringModel },
        adjust: (settings) => ({
          ...settings,
          admins: {
            people: { ada: [`slack:${team}/${people.ada}`], grace: [`slack:${team}/${people.grace}`] },
            may: { prod: { ...nobody, deploy: ['ada'], approve: ['grace'], rollback: ['grace'] } },
          },
        }),
      },
    ),
  )
  slack.connect(`${bot.service.url}/slack/events`)
  await register('first')
}, 60_000)
afterAll(() => parts.disposeAsync())

async function register(says: string): Promise<void> {
  await using http = createHttpClient()
  const host = bot.workspace.url
  const clock = systemClock
  const credentials = createCredentials({ host, http, clock, token: new Secret(sandboxCredentials.token) })
  const model = { registryUri: 'databricks-uc', modelName: 'main.deckhand.slide_agent', experimentName: '' }
  const registry = chooseRegistry(model, { workspace: { host, credentials }, http, clock })
  await registry?.register(
    await writeModelFolder(join(bot.dir, says), says),
    {},
    { signal: AbortSignal.timeout(30_000) },
  )
}

const command = (user: string, text: string) =>
  slack.command({ user, channel: slack.ids.channels.sales, command: '/deckhand', text })
const says = (text: string | RegExp) =>
  slack.waitFor((message) => (typeof text === 'string' ? message.text.includes(text) : text.test(message.text)))

async function confirm(): Promise<void> {
  await expect.poll(() => slack.views.length, { timeout: 10_000 }).toBe(1)
  await slack.submitView({ viewId: slack.views[0]?.id ?? '', values: {} })
}

it(
  'goes from the command over the other admin’s approval to served traffic, and back',
  { timeout: 60_000 },
  async () => {
    const { people, channels } = slack.ids

    await command(people.ada, 'deploy prod --reason "new prompts"')
    await confirm()
    const waiting = await says(/Plan [\da-f]{8} for prod: version 1 instead of nothing[^]*Another admin approves it/)
    await slack.press({ user: people.grace, channel: channels.sales, ts: waiting.ts, actionId: 'deckhand.approve' })
    const released = await says('Released: prod serves version 1.')
    expect(released.threadTs).toBe(waiting.threadTs)
    await says(/✓ \d\/\d Smoke test: 2 of 2/)

    await register('second')
    await command(people.ada, 'deploy prod')
    await confirm()
    const second = await says('for prod: version 2 instead of version 1')
    await slack.press({ user: people.grace, channel: channels.sales, ts: second.ts, actionId: 'deckhand.approve' })
    await says('Released: prod serves version 2.')

    await command(people.grace, 'rollback prod')
    await confirm()
    await says('Rolled back: prod serves version 1.')
    await command(people.grace, 'status prod')
    const status = await says('prod: deckhand-prod is ready')
    expect(status.visibleTo).toBe(people.grace)
    expect(status.text).toContain('Aliases   champion 1')

    expect((await command(people.ada, 'rollback prod')).body).toContain('You may not roll back prod; grace may')
    await command(people.grace, 'history prod')
    const history = await says(`refused slack:${slack.ids.team}/${people.ada}: rollback prod`)
    expect(history.text).toMatch(/deploy version – → 1 by ada, approved by grace: new prompts/)
  },
)
