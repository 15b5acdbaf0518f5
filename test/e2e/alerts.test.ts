import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { createWarehouse } from '../../sandbox/data/warehouse.ts'
import { createAnalyst } from '../../sandbox/databricks/analyst/analyst.ts'
import { createWorkspace } from '../../sandbox/databricks/workspace.ts'
import type { Message } from '../../sandbox/slack/contract.ts'
import { createSlackWorkspace } from '../../sandbox/slack/workspace.ts'
import { workspaceEnv } from '../../sandbox/stack.ts'
import { startService } from '../../src/service.ts'
import { loadSettings } from '../../src/settings.ts'
import { isolatedRedisUrl, mlflowUrl } from '../support/parts.ts'

const today = '2026-11-23'
const patience = 30_000

describe('Operators in Slack', () => {
  it('are told in their channel when turns fail, with the way to the runbook, and when that is over', async () => {
    await mlflowUrl()
    await using warehouse = await createWarehouse({ today })
    await using workspace = await createWorkspace({ brain: createAnalyst(), warehouse, today })
    await using slack = await createSlackWorkspace()
    const { ids } = slack
    const env = {
      ...workspaceEnv(workspace, { redisUrl: await isolatedRedisUrl(), mlflowUrl: inject('mlflowUrl') }),
      ...slack.env,
      PUPPETEER_EXECUTABLE_PATH: process.env['PUPPETEER_EXECUTABLE_PATH'] ?? '',
      DECKHAND_SPOOL_DIR: mkdtempSync(join(tmpdir(), 'deckhand-alerts-')),
      DECKHAND_PORT: '0',
      DECKHAND_LINK_KEY: 'a key of a test that nobody has to guess',
      DECKHAND_ALERT_SLACK_CHANNEL: ids.channels.general,
      DECKHAND_RUNBOOK_URL: 'https://wiki.example/runbook',
      LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'silent', // failures are made on purpose here
    }
    onTestFinished(() => rmSync(env.DECKHAND_SPOOL_DIR, { recursive: true, force: true }))
    const settings = loadSettings(env, join(import.meta.dirname, '../../config'))
    const limits = { ...settings.alerts.limits, 'error-rate': 0.6 }
    const alerts = { ...settings.alerts, everyMs: 500, minTurns: 1, limits }
    await using service = await startService({ ...settings, alerts }, env)
    slack.connect(`${service.url}/slack/events`)

    const said = (): readonly Message[] => slack.messages(ids.channels.general).filter(({ botId }) => botId === ids.bot)
    const alertWith = (words: RegExp): Promise<Message> =>
      slack.waitFor(
        (message) => message.channel === ids.channels.general && message.botId === ids.bot && words.test(message.text),
        patience,
      )
    const ask = (text: string): Promise<unknown> =>
      slack.say({ user: ids.people.ada, channel: ids.channels.sales, text })

    workspace.faults.add({
      on: 'genie.ask',
      fault: { kind: 'status', status: 403, body: { error_code: 'PERMISSION_DENIED', message: 'no' } },
    })
    await ask('@Deckhand What were Q4 2023 sales by region?')
    const raised = await alertWith(/Many turns fail/)
    expect(raised.text).toContain('Deckhand dev: Many turns fail')
    expect(raised.text).toContain('1 of 1 turns failed in the last 15 minutes (100 %; the limit is 60 %): no-access 1.')
    expect(raised.text).toContain('https://wiki.example/runbook#many-turns-fail')

    workspace.faults.clear()
    await ask('@Deckhand Revenue by country in 2022')
    const over = await alertWith(/Many turns fail: over/)

    expect(over.text).toContain('1 of 2 turns failed')
    expect(said()).toHaveLength(2)
  })
})
