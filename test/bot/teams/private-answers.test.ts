import { afterEach, describe, expect, it } from 'vitest'
import type { Message, Person } from '../../../sandbox/teams/contract.ts'
import { decodeThreadId } from '../../../src/bot/thread.ts'
import { busyAgent } from '../../support/scripted-agent.ts'
import {
  answerOf,
  buttonOf,
  buttonsOf,
  shownBy,
  startTeamsApp,
  type TeamsApp,
  type TeamsAppOptions,
} from './teams-app.ts'

let bot: TeamsApp
afterEach(async () => {
  await bot[Symbol.asyncDispose]()
})

const start = async (options: TeamsAppOptions = {}): Promise<void> => {
  bot = await startTeamsApp({ ...options, settings: { answerIn: 'private' } })
}
const ada = () => bot.teams.ids.people.ada
const grace = () => bot.teams.ids.people.grace
const places = () => bot.teams.ids.conversations
const ask = (text: string, root?: string, user: Person = ada()) =>
  bot.teams.say({
    user,
    conversation: places().sales,
    text: `@Deckhand ${text}`,
    ...(root === undefined ? {} : { root }),
  })
const inChat = (text: string) => bot.teams.say({ user: ada(), conversation: places().ada, text })
const said = (text: string, conversation = places().ada) =>
  bot.teams.waitFor((message) => {
    return (
      message.conversation === conversation && message.from === bot.teams.ids.bot && shownBy(message).includes(text)
    )
  })
/** In personal chats the words of an answer come before its buttons. */
const withButtons = (text: string) =>
  bot.teams.waitFor((message) => shownBy(message).includes(text) && buttonsOf(message).length > 0)
const threadOf = (index: number) => decodeThreadId(bot.accepted[index]!.thread)
const press = (message: Message, data: Readonly<Record<string, unknown>>, user: Person = ada()) =>
  bot.teams.press({ user, conversation: message.conversation, id: message.id, verb: 'deckhand', data })

describe('Private answers in Teams', () => {
  it('go to the personal chat of who asked, with a word in the reply chain', async () => {
    await start()

    const { conversation } = await ask('revenue by region')

    await said('revenue by region')
    await said('Answer to: revenue by region')
    await said('From there you can post the answer here', conversation)
    expect(bot.teams.messages(conversation).some((message) => shownBy(message).includes('Answer to'))).toBe(false)
    expect(threadOf(0).channel).toBe(places().ada)
  })

  it('are gone on with in the personal chat', async () => {
    await start()
    await inChat('customers')
    await said('Answer to: customers')
    await ask('revenue')
    await said('Answer to: revenue')

    await inChat('only EMEA')

    await said('Answer to: only EMEA')
    expect(threadOf(2)).toEqual(threadOf(1))
    expect(threadOf(1)).not.toEqual(threadOf(0))
  })

  it('go on in one topic for what one person asks in one reply chain', async () => {
    await start()
    const { id } = await ask('revenue')
    await said('Answer to: revenue')
    await inChat('new topic')
    await said('A new topic it is')

    await ask('only EMEA', id)
    await said('Answer to: only EMEA')
    await inChat('by quarter')
    await said('Answer to: by quarter')
    await ask('revenue', id, grace())

    await expect.poll(bot.questions).toHaveLength(4)
    expect(threadOf(1)).toEqual(threadOf(0))
    expect(threadOf(2)).toEqual(threadOf(0))
    expect(threadOf(3).channel).toBe(places().grace)
  })

  it('are posted in the reply chain by who asked, once, when they want it', async () => {
    await start()
    const { conversation } = await ask('revenue')
    const answer = await withButtons('Answer to: revenue')

    await press(answer, buttonOf(answer, { name: 'publish' }))
    const again = await press(answer, buttonOf(answer, { name: 'publish' }))

    const copy = await bot.teams.waitFor((message) => {
      return message.conversation === conversation && shownBy(message).includes('Answer to: revenue')
    })
    expect(copy.id).not.toBe(answer.id)
    expect(answerOf(again)).toContain('posted already')
    await said('Posted in')
    expect(buttonsOf(copy).map(({ deckhand }) => (deckhand as { name: string }).name)).not.toContain('publish')
  })

  it('are shown to nobody else who names their turn, wherever they do', async () => {
    await start()
    const { conversation } = await ask('revenue')
    const answer = await withButtons('Answer to: revenue')
    const word = await said('From there you can post the answer here', conversation)
    await bot.teams.say({ user: grace(), conversation: places().grace, text: 'help' })
    const elsewhere = await said('Ask me about your data', places().grace)
    const buttons = buttonsOf(answer).filter(({ deckhand }) => (deckhand as { name: string }).name !== 'stop')
    const dialogs = buttons.filter(({ msteams }) => msteams !== undefined)

    const answers = await Promise.all([
      ...buttons.flatMap((data) => [word, elsewhere].map((message) => press(message, data, grace()))),
      ...dialogs.map((data) => bot.teams.submit({ ...elsewhere, user: grace(), data })),
    ])

    expect(dialogs.length).toBeGreaterThan(3)
    for (const delivery of answers) expect(answerOf(delivery)).toContain('I no longer have this answer')
    expect(bot.questions()).toEqual(['revenue'])
    expect(bot.feedback).toEqual([])
  })

  it('take no opinion and no wish from who was not shown them', async () => {
    await start()
    const { conversation } = await ask('revenue')
    await withButtons('Answer to: revenue')
    const { id: turnId } = bot.accepted[0]!
    const place = { platform: 'teams', tenant: bot.teams.ids.tenant, channel: places().ada, id: '1', isDirect: true }
    const about = { turnId, index: 0, place, root: place }
    const send = (kind: string, value: string) =>
      bot.teams.submitDialog({ user: grace(), conversation, data: { deckhandWindow: kind, about, value } })

    const answers = await Promise.all([send('reason', 'nonsense'), send('edit', 'shorter'), send('chart', 'line')])

    for (const delivery of answers) expect(answerOf(delivery)).toContain('I no longer have this answer')
    expect(bot.questions()).toEqual(['revenue'])
    expect(bot.feedback).toEqual([])
  })

  it('open their SQL for everyone where they were posted', async () => {
    await start()
    const { conversation } = await ask('revenue')
    const answer = await withButtons('Answer to: revenue')
    await press(answer, buttonOf(answer, { name: 'publish' }))
    const copy = await bot.teams.waitFor((message) => {
      return message.conversation === conversation && shownBy(message).includes('Answer to: revenue')
    })

    const { answer: shown } = await bot.teams.submit({
      user: grace(),
      conversation,
      id: copy.id,
      data: buttonOf(copy, { name: 'sql' }),
    })

    expect(JSON.stringify(shown)).toContain('SELECT region')
  })

  it('can be posted again when Teams did not take them the first time', async () => {
    await start()
    const { conversation } = await ask('revenue')
    const answer = await withButtons('Answer to: revenue')
    const data = buttonOf(answer, { name: 'publish' })
    bot.teams.faults.fail('send', 403, 'Forbidden', 'The bot may not write here')
    await press(answer, data)
    await said('It is not posted in')

    await press(answer, data)

    const copies = () =>
      bot.teams.messages(conversation).filter((message) => shownBy(message).includes('Answer to: revenue'))
    await expect.poll(copies).toHaveLength(1)
  })

  it('are stopped by “stop” in the reply chain they were asked in', async () => {
    const agent = busyAgent()
    await start({ agent })
    const { id } = await ask('revenue')
    await agent.begun

    await ask('stop', id)

    await agent.stopped
    expect(bot.questions()).toEqual(['revenue'])
  })

  it('stop when their question is taken back in the channel', async () => {
    const agent = busyAgent()
    await start({ agent })
    const { id, conversation } = await ask('revenue')
    await agent.begun

    const delivery = await bot.teams.unsend({ user: ada(), conversation, id })

    await agent.stopped
    expect(delivery?.status).toBe(200)
  })

  it('tell who has no chat with us to begin one, and are not tried again', async () => {
    await start({ works: false })
    await bot.teams.uninstall({ user: grace(), conversation: places().grace })

    const { conversation, delivery } = await ask('revenue', undefined, grace())

    expect(delivery?.status).toBe(200)
    await said('Begin a chat with me, then ask again', conversation)
    expect(bot.questions()).toEqual([])
  })

  it('in a personal chat are what all answers are', async () => {
    await start()

    await inChat('revenue')

    const answer = await withButtons('Answer to: revenue')
    expect(buttonsOf(answer).map(({ deckhand }) => (deckhand as { name: string }).name)).not.toContain('publish')
  })
})
