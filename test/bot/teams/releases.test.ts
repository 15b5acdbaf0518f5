import { afterEach, describe, expect, it } from 'vitest'
import type { Person } from '../../../sandbox/teams/contract.ts'
import { type CarryOut, createAdminDesk } from '../../../src/bot/admin/admin-desk.ts'
import { createAdmins } from '../../../src/bot/admin/admins.ts'
import { createAuditLog } from '../../../src/bot/admin/audit-log.ts'
import { commandToText } from '../../../src/bot/admin/command.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { silentLogger } from '../../../src/lib/log.ts'
import { shownBy, startTeamsApp, type TeamsApp } from './teams-app.ts'

let bot: TeamsApp
let carriedOut: string[]
afterEach(async () => {
  await bot[Symbol.asyncDispose]()
})

/** Ada is an admin who may roll prod back, Grace is none. */
async function start(carryOut: CarryOut): Promise<void> {
  carriedOut = []
  bot = await startTeamsApp({
    works: false,
    desk: ({ redis, teams }) =>
      createAdminDesk({
        environments: ['dev', 'prod'],
        admins: createAdmins({
          people: { ada: [`teams:${teams.ids.tenant}/${teams.ids.people.ada.aadObjectId}`] },
          may: { prod: { deploy: [], approve: [], rollback: ['ada'], lock: [] } },
        }),
        audit: createAuditLog({ redis }),
        carryOut(command, admin, options) {
          carriedOut.push(`${admin.person}: ${commandToText(command)}`)
          return carryOut(command, admin, options)
        },
        clock: systemClock,
        log: silentLogger,
      }),
  })
}

const rollback: CarryOut = (_command, _admin, { onProgress }) => {
  onProgress({ key: 'a', text: 'Put back what the endpoint served', state: 'done' })
  onProgress({ key: 'b', text: 'Smoke test', state: 'done' })
  return Promise.resolve({ isOk: true, text: 'Rolled back: prod serves version 7.', data: {} })
}

const ada = () => bot.teams.ids.people.ada
const chat = () => bot.teams.ids.conversations.ada
const say = (text: string, user: Person = ada(), conversation = chat()) => bot.teams.say({ user, conversation, text })
const said = (text: string) =>
  bot.teams.waitFor((message) => message.from === bot.teams.ids.bot && shownBy(message).includes(text))

describe('Commands of admins in Teams', () => {
  it('are carried out in the personal chat, with progress in one message and the end in another', async () => {
    await start(rollback)

    await say('rollback prod --reason "numbers are wrong"')

    const end = await said('Rolled back: prod serves version 7.')
    expect(end.conversation).toBe(chat())
    const shown = bot.teams.messages(chat()).map(shownBy)
    expect(shown.some((text) => /Put back what the endpoint served[^]*Smoke test/.test(text))).toBe(true)
    expect(carriedOut).toEqual(['ada: rollback prod --reason "numbers are wrong"'])
    expect(bot.accepted).toEqual([])
  })

  it('are answered in one line where the admin may not, or has slipped', async () => {
    await start(rollback)

    await say('deploy prod')
    await said('You may not deploy to prod')
    await say('/deckhand rolback prod')
    await said('There is no command')

    expect(carriedOut).toEqual([])
  })

  it('are questions to the agent when they are none, or no admin’s, or said in a channel', async () => {
    await start(rollback)

    await say('history of revenue in 2023')
    await say('@Deckhand rollback prod', bot.teams.ids.people.grace, bot.teams.ids.conversations.sales)
    await bot.teams.say({
      user: ada(),
      conversation: bot.teams.ids.conversations.sales,
      text: '@Deckhand rollback prod',
    })

    expect(bot.questions()).toEqual(['history of revenue in 2023', 'rollback prod', 'rollback prod'])
    expect(carriedOut).toEqual([])
  })
})
