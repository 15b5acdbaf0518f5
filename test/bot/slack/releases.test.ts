import { afterEach, describe, expect, it } from 'vitest'
import { type CarryOut, createAdminDesk } from '../../../src/bot/admin/admin-desk.ts'
import { createAdmins } from '../../../src/bot/admin/admins.ts'
import { createAuditLog } from '../../../src/bot/admin/audit-log.ts'
import { commandToText } from '../../../src/bot/admin/command.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { silentLogger } from '../../../src/lib/log.ts'
import { startSlackApp, type SlackApp } from './slack-app.ts'

let bot: SlackApp
let carriedOut: string[]
afterEach(async () => {
  await bot[Symbol.asyncDispose]()
})

const ada = () => bot.slack.ids.people.ada
const grace = () => bot.slack.ids.people.grace
const sales = () => bot.slack.ids.channels.sales

/** Ada may deploy, Grace may approve, unless she is a stranger. */
async function start(carryOut: CarryOut, { hasGrace = true } = {}): Promise<void> {
  carriedOut = []
  bot = await startSlackApp({
    works: false,
    desk({ redis, slack }) {
      const { team, people } = slack.ids
      return createAdminDesk({
        environments: ['dev', 'prod'],
        admins: createAdmins({
          people: { ada: [`slack:${team}/${people.ada}`], grace: hasGrace ? [`slack:${team}/${people.grace}`] : [] },
          may: { prod: { deploy: ['ada'], approve: ['grace'], rollback: [], lock: [] } },
        }),
        audit: createAuditLog({ redis }),
        carryOut(command, admin, options) {
          carriedOut.push(`${admin.person}: ${commandToText(command)}`)
          return carryOut(command, admin, options)
        },
        clock: systemClock,
        log: silentLogger,
      })
    },
  })
}

const says = (text: string) => bot.slack.waitFor((message) => message.text.includes(text))
const give = (user: string, text: string) => bot.slack.command({ user, channel: sales(), command: '/deckhand', text })

async function openedModal() {
  await expect.poll(() => bot.slack.views.length).toBe(1)
  return bot.slack.views[0]!
}

/** A release to prod: a plan that waits, and once it is approved a run of two steps. */
const releases: CarryOut = (command, _admin, { onProgress }) => {
  if (command.name === 'deploy' && command.isDryRun) {
    return Promise.resolve({ isOk: true, text: 'Plan: version 8 instead of version 7', data: {} })
  }
  if (command.name === 'deploy') {
    const approval = { environment: 'prod', plan: '0123abcd' }
    return Promise.resolve({ isOk: false, text: 'Another admin approves it.', data: {}, approval })
  }
  onProgress({ key: 'a', text: 'Change what the endpoint serves', state: 'done' })
  onProgress({ key: 'b', text: 'Smoke test', state: 'done' })
  return Promise.resolve({ isOk: true, text: 'Released: prod serves version 8.', data: {} })
}

describe('/deckhand', () => {
  it('tells a stranger nothing of what there is, and nobody else that they asked', async () => {
    await start(releases, { hasGrace: false })

    const { body } = await give(grace(), 'deploy prod')

    expect(body).toContain('administrators only')
    expect(body).not.toContain('prod')
    expect(carriedOut).toEqual([])
  })

  it('answers typos and refusals to the person alone', async () => {
    await start(releases)

    expect((await give(ada(), 'deplyo prod')).body).toContain('did you mean \\"deploy\\"')
    expect((await give(grace(), 'deploy prod')).body).toContain('You may not deploy to prod; ada may')
    expect(bot.slack.views).toEqual([])
  })

  it('answers what only looks to the person alone', async () => {
    await start(() => Promise.resolve({ isOk: true, text: 'prod: version 7 <100 %>', data: {} }))

    expect((await give(grace(), 'status')).body).toBe('')

    const answer = await says('prod: version 7 &lt;100 %&gt;')
    expect(answer.visibleTo).toBe(grace())
  })

  it('asks before it changes something, and shows what would change', async () => {
    await start(releases)

    await give(ada(), 'deploy prod')

    const view = await openedModal()
    await expect.poll(() => JSON.stringify(bot.slack.views[0]?.blocks)).toContain('version 8 instead of version 7')
    expect(carriedOut).toEqual(['ada: deploy prod --dry-run'])
    await bot.slack.closeView(view.id)
    expect(carriedOut).toEqual(['ada: deploy prod --dry-run'])
  })

  it('carries out what was confirmed in a thread, and lets only another admin approve it', async () => {
    await start(releases)
    await give(ada(), 'deploy prod --reason "new prompts"')
    const view = await openedModal()
    await bot.slack.submitView({ viewId: view.id, values: {} })

    const waiting = await says('Another admin approves it.')
    const root = bot.slack.messages(sales()).find(({ ts }) => ts === waiting.threadTs)
    expect(root?.text).toBe(`<@${ada()}> commands: *deploy prod --reason "new prompts"*`)

    const press = (user: string) =>
      bot.slack.press({ user, channel: sales(), ts: waiting.ts, actionId: 'deckhand.approve' })
    await press(ada())
    expect((await says('You may not approve releases to prod')).visibleTo).toBe(ada())
    expect(carriedOut.at(-1)).toBe('ada: deploy prod --reason "new prompts"')

    await press(grace())
    const released = await says('Released: prod serves version 8.')
    expect(released.threadTs).toBe(waiting.threadTs)
    expect(carriedOut.at(-1)).toBe('grace: approve prod --plan 0123abcd')
    const shown = bot.slack.messages(sales()).map(({ text }) => text)
    expect(shown).toContain('✓ Change what the endpoint serves\n✓ Smoke test')
  })

  it('tells in the thread why a release was refused', async () => {
    await start(() => Promise.reject(new Error('secret detail')))
    await give(ada(), 'deploy prod')
    await bot.slack.submitView({ viewId: (await openedModal()).id, values: {} })

    const said = await says('Something went wrong on our side')
    expect(said.threadTs).toBeDefined()
    expect(JSON.stringify(bot.slack.messages(sales()))).not.toContain('secret detail')
  })

  it('leaves a release that runs to another process when this one ends, and says so', async () => {
    await start((_command, _admin, { signal }) => {
      if (carriedOut.at(-1)?.includes('--dry-run')) return Promise.resolve({ isOk: true, text: 'plan', data: {} })
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      })
    })
    await give(ada(), 'deploy prod')
    await bot.slack.submitView({ viewId: (await openedModal()).id, values: {} })
    await expect.poll(() => carriedOut).toContain('ada: deploy prod')

    await bot.app[Symbol.asyncDispose]()

    expect(
      bot.slack
        .messages(sales())
        .map(({ text }) => text)
        .join('\n'),
    ).toContain('Another one goes on with the release')
  })
})

describe('/deckhand where nothing is released from chat', () => {
  it('says so', async () => {
    bot = await startSlackApp({ works: false })

    expect((await give(ada(), 'status')).body).toContain('no serving endpoint is set up')
  })
})
