import { afterEach, describe, expect, it } from 'vitest'
import type { Message, Person } from '../../../sandbox/teams/contract.ts'
import { MailboxError } from '../../../src/bot/mailbox.ts'
import { decodeThreadId } from '../../../src/bot/thread.ts'
import { until } from '../../support/mailbox.ts'
import { scriptedAgent } from '../../support/scripted-agent.ts'
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

const ada = () => bot.teams.ids.people.ada
const grace = () => bot.teams.ids.people.grace
const places = () => bot.teams.ids.conversations
/** Once it can be gone on with: in personal chats the words of an answer come before its buttons. */
const answerTo = (question: string) =>
  bot.teams.waitFor((message) => shownBy(message).includes(`Answer to: ${question}`) && buttonsOf(message).length > 0)
const said = (text: string) =>
  bot.teams.waitFor((message) => message.from === bot.teams.ids.bot && shownBy(message).includes(text))
const rootOf = (index: number): string => decodeThreadId(bot.accepted[index]!.thread).root

/** An answer with its buttons: in a channel, or in Ada's chat. */
async function answered(where: 'channel' | 'chat' = 'channel', options: TeamsAppOptions = {}): Promise<Message> {
  bot = await startTeamsApp(options)
  await (where === 'channel'
    ? bot.teams.say({ user: ada(), conversation: places().sales, text: '@Deckhand revenue' })
    : bot.teams.say({ user: ada(), conversation: places().ada, text: 'revenue' }))
  return answerTo('revenue')
}

type ActionFields = Readonly<Record<string, unknown>>
const at = ({ conversation, id }: Message, user: Person = ada()) => ({ user, conversation, id })
const press = (message: Message, action: ActionFields, user?: Person) =>
  bot.teams.press({ ...at(message, user), verb: 'deckhand', data: buttonOf(message, action) })
/** A button that opens a dialog. */
const open = (message: Message, action: ActionFields, user?: Person) =>
  bot.teams.submit({ ...at(message, user), data: buttonOf(message, action) })
/** The same button in a client that knows no dialogs. */
const openWithoutDialog = (message: Message, action: ActionFields) => {
  const { msteams: _, ...data } = buttonOf(message, action)
  return bot.teams.submit({ ...at(message), data })
}

interface Dialog {
  readonly task: { readonly type: string; readonly value: { readonly title: string; readonly card: unknown } & string }
}
const dialogOf = (answer: unknown): Dialog['task'] => (answer as Dialog).task
/** The data of the button that sends a dialog, or a form. */
const sendOf = (shown: unknown): Readonly<Record<string, unknown>> =>
  buttonsOf({ attachments: [shown] } as unknown as Message)[0] ?? {}

describe('Buttons of an answer in Teams', () => {
  it('ask a suggestion in the same reply chain, once', async () => {
    const message = await answered()

    const first = await press(message, { name: 'ask', index: 0 })
    const second = await press(message, { name: 'ask', index: 0 }, grace())

    expect([first.status, second.status]).toEqual([200, 200])
    expect(answerOf(second)).toContain('asked already')
    const next = await answerTo('Only EMEA?')
    expect(next.conversation).toBe(message.conversation)
    expect(shownBy(next)).toContain('Asked:')
    expect(shownBy(message)).not.toContain('Asked:')
    expect(bot.questions()).toEqual(['revenue', 'Only EMEA?'])
    expect(rootOf(1)).toBe(rootOf(0))
  })

  it('leave the answer as it is', async () => {
    const message = await answered()
    const before = shownBy(message)

    const { answer } = await press(message, { name: 'ask', index: 1 })

    expect(answer).toEqual({ statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: 'On it.' })
    await answerTo('By month?')
    expect(shownBy(await answerTo('revenue'))).toBe(before)
  })

  it('show the SQL in a dialog', async () => {
    const message = await answered()

    const { answer } = await open(message, { name: 'sql' })

    expect(dialogOf(answer)).toMatchObject({ type: 'continue', value: { title: 'SQL' } })
    expect(JSON.stringify(answer)).toContain('SELECT region')
  })

  it('show the SQL in a message where the client knows no dialogs', async () => {
    const message = await answered('chat')

    await openWithoutDialog(message, { name: 'sql' })

    const shown = await bot.teams.waitFor((each) => shownBy(each).includes('SELECT region') && each.id !== message.id)
    expect(shown.conversation).toBe(message.conversation)
  })

  it('try a failed question again', async () => {
    let isBroken = true
    const agent = scriptedAgent(({ question }) => {
      if (!isBroken) return { status: 'answered', answer: `Answer to: ${question}` }
      isBroken = false
      return { status: 'failed', answer: 'Genie is away.', errorCode: 'unavailable' }
    })
    bot = await startTeamsApp({ agent })
    await bot.teams.say({ user: ada(), conversation: places().sales, text: '@Deckhand revenue' })
    const failed = await bot.teams.waitFor((message) => shownBy(message).includes('Genie is away.'))

    await press(failed, { name: 'retry' })

    await said('Answer to: revenue')
    expect(bot.questions()).toEqual(['revenue', 'revenue'])
    expect(shownBy(failed)).toContain('Genie is away.')
  })

  it.each(['channel', 'group'] as const)('stop the running turn (%s)', async (where) => {
    const agent = scriptedAgent((_turn, emit, signal) => {
      emit({ type: 'turn-start', traceId: 'tr-1', traceUrl: '' })
      return until(signal)
    })
    bot = await startTeamsApp({ agent })
    const conversation = where === 'channel' ? places().sales : places().group
    await bot.teams.say({ user: ada(), conversation, text: '@Deckhand revenue' })
    const working = await bot.teams.waitFor((message) => buttonsOf(message).length > 0)

    const data = buttonOf(working, { name: 'stop' })

    const { status } = await bot.teams.press({ ...at(working), data })

    expect(status).toBe(200)
    const ended = await bot.teams.waitFor((message) => shownBy(message).includes('Stopped.'))
    expect(ended.id).toBe(working.id)
    expect(answerOf(await bot.teams.press({ ...at(ended), data }))).toContain('nothing to stop')
  })
})

describe('Topics of a chat', () => {
  it('go on with an older answer whose button is pressed, and with what is written next', async () => {
    const old = await answered('chat')
    await bot.teams.say({ user: ada(), conversation: places().ada, text: 'new topic' })
    await said('A new topic it is')
    await bot.teams.say({ user: ada(), conversation: places().ada, text: 'customers' })
    await answerTo('customers')

    await press(old, { name: 'ask', index: 0 })
    await answerTo('Only EMEA?')
    await bot.teams.say({ user: ada(), conversation: places().ada, text: 'by quarter' })

    expect(bot.questions()).toEqual(['revenue', 'customers', 'Only EMEA?', 'by quarter'])
    expect(rootOf(1)).not.toBe(rootOf(0))
    expect([rootOf(2), rootOf(3)]).toEqual([rootOf(0), rootOf(0)])
  })
})

describe('A word to who pressed', () => {
  it('where a press comes as a message leaves the chat in its topic', async () => {
    const message = await answered('chat')
    await bot.redis.unlink(`deckhand:reply:${bot.accepted[0]!.id}`)

    await openWithoutDialog(message, { name: 'sql' })
    await said('I no longer have this answer')
    await bot.teams.say({ user: ada(), conversation: places().ada, text: 'only EMEA' })

    await answerTo('only EMEA')
    expect(rootOf(1)).toBe(rootOf(0))
  })
})

describe('The menu of a slide in Teams', () => {
  it('drops the slide', async () => {
    const message = await answered()

    await press(message, { name: 'slide', index: 1, command: 'drop' })

    await answerTo('drop slide 2')
    expect(rootOf(1)).toBe(rootOf(0))
  })

  it('takes a wish about the slide in a dialog, once for each dialog', async () => {
    const message = await answered()
    const { answer } = await open(message, { name: 'slide', index: 1, command: 'edit' })
    expect(dialogOf(answer)).toMatchObject({ type: 'continue', value: { title: 'Edit slide 2' } })
    const data = { ...sendOf(dialogOf(answer).value.card), value: ' Shorter,\nplease ' }
    const send = (conversation = message.conversation) => bot.teams.submitDialog({ user: ada(), conversation, data })

    const sent = await send()
    await send()

    expect(sent).toMatchObject({ status: 200, answer: {} })
    await answerTo('slide 2: Shorter, please')
    expect(bot.questions()).toEqual(['revenue', 'slide 2: Shorter, please'])
    const { answer: again } = await open(message, { name: 'slide', index: 1, command: 'edit' })
    const next = { ...sendOf(dialogOf(again).value.card), value: 'Longer' }
    await bot.teams.submitDialog({ user: ada(), conversation: message.conversation, data: next })
    await answerTo('slide 2: Longer')
  })

  it('takes another kind of chart', async () => {
    const message = await answered()
    const { answer } = await open(message, { name: 'slide', index: 1, command: 'chart' })
    const data = { ...sendOf(dialogOf(answer).value.card), value: 'donut' }

    await bot.teams.submitDialog({ user: ada(), conversation: message.conversation, data })

    await answerTo('show slide 2 as donut chart')
    expect(rootOf(1)).toBe(rootOf(0))
  })

  it.each([
    ['pressed', (form: Message, data: ActionFields) => bot.teams.press({ ...at(form), verb: 'deckhand', data })],
    ['submitted', (form: Message, data: ActionFields) => bot.teams.submit({ ...at(form), data })],
  ])(
    'takes a wish from a form in the chat, which goes when it is %s, where the client knows no dialogs',
    async (_, send) => {
      const message = await answered('chat')
      await openWithoutDialog(message, { name: 'slide', index: 0, command: 'edit' })
      const form = await bot.teams.waitFor((each) => shownBy(each).includes('What should be different?'))

      await send(form, { ...sendOf(form.attachments[0]), value: 'Shorter' })

      await answerTo('slide 1: Shorter')
      await expect.poll(() => bot.teams.messages(places().ada).some(({ id }) => id === form.id)).toBe(false)
    },
  )

  it('explains the numbers of the slide', async () => {
    const message = await answered()

    const { answer } = await open(message, { name: 'slide', index: 1, command: 'why' })

    expect(dialogOf(answer)).toMatchObject({ type: 'continue', value: { title: 'Numbers of slide 2' } })
    expect(JSON.stringify(answer)).toContain('Query:')
  })

  it('marks the form as sent where it cannot be removed', async () => {
    const message = await answered('chat')
    await openWithoutDialog(message, { name: 'slide', index: 0, command: 'edit' })
    const form = await bot.teams.waitFor((each) => shownBy(each).includes('What should be different?'))
    bot.teams.faults.fail('delete', 501, 'NotImplemented', 'Not implemented')

    await bot.teams.submit({ ...at(form), data: { ...sendOf(form.attachments[0]), value: 'Shorter' } })

    const marked = await bot.teams.waitFor(({ id, text }) => id === form.id && text === 'Sent.')
    expect(shownBy(marked)).not.toContain('What should be different?')
  })

  it.each(['', '   '])('says so when nothing was typed (%j)', async (value) => {
    const message = await answered()
    const { answer } = await open(message, { name: 'slide', index: 1, command: 'edit' })

    const sent = await bot.teams.submitDialog({
      user: ada(),
      conversation: message.conversation,
      data: { ...sendOf(dialogOf(answer).value.card), value },
    })

    expect(dialogOf(sent.answer)).toEqual({ type: 'message', value: 'Please write what should be different.' })
    expect(bot.questions()).toEqual(['revenue'])
  })

  it('asks in the conversation that a window is sent from, whatever it says of where it was opened', async () => {
    const message = await answered()
    const { answer } = await open(message, { name: 'slide', index: 1, command: 'edit' })
    const data = JSON.parse(
      JSON.stringify({ ...sendOf(dialogOf(answer).value.card), value: 'Shorter' }).replaceAll(
        places().sales,
        places().general,
      ),
    ) as Readonly<Record<string, unknown>>

    await bot.teams.submitDialog({ user: ada(), conversation: message.conversation, data })

    await expect.poll(bot.questions).toHaveLength(2)
    expect(bot.accepted[1]!.thread).toBe(bot.accepted[0]!.thread)
  })
})

describe('Feedback in Teams', () => {
  it.each([
    ['like', 'good', ''],
    ['dislike', 'bad', 'It leaves out returns'],
  ] as const)('keeps a %s, with its reason', async (reaction, rating, text) => {
    const message = await answered()

    const { status } = await bot.teams.feedback({ ...at(message, grace()), reaction, text })

    expect(status).toBe(200)
    expect(bot.feedback).toMatchObject([
      { rating, reason: text, userId: grace().aadObjectId, traceId: 'tr-1', turnId: bot.accepted[0]!.id },
    ])
  })

  it('is about the answer in a personal chat, too, which began as a stream', async () => {
    const message = await answered('chat')

    await bot.teams.feedback({ ...at(message), reaction: 'like' })

    expect(bot.feedback).toMatchObject([{ rating: 'good', turnId: bot.accepted[0]!.id }])
  })

  it('that names no message is about the last answer of the conversation', async () => {
    const message = await answered()
    await press(message, { name: 'ask', index: 0 })
    await answerTo('Only EMEA?')
    const activity = bot.teams.activityOf({ user: ada(), conversation: message.conversation, text: '' })
    const value = { actionName: 'feedback', actionValue: { reaction: 'dislike', feedback: 'Too short' } }

    await bot.teams.deliver({ ...activity, type: 'invoke', name: 'message/submitAction', value })

    expect(bot.feedback).toMatchObject([{ rating: 'bad', reason: 'Too short', turnId: bot.accepted[1]!.id }])
  })

  it('about anything else is heard, and that is all', async () => {
    const message = await answered()
    const activity = bot.teams.activityOf({ user: ada(), conversation: message.conversation, text: '' })
    const give = (value: unknown, replyToId: string) =>
      bot.teams.deliver({ ...activity, type: 'invoke', name: 'message/submitAction', value, replyToId })

    const statuses = [
      (await give({ actionName: 'feedback', actionValue: { reaction: 'like' } }, '1')).status,
      (await give({ actionName: 'feedback', actionValue: { reaction: 'shrug' } }, message.id)).status,
      (await give(undefined, message.id)).status,
    ]

    expect(statuses).toEqual([200, 200, 200])
    expect(bot.feedback).toEqual([])
  })
})

describe('Buttons in Teams that lead nowhere', () => {
  it('say so when the answer is not kept any more', async () => {
    const message = await answered()
    await bot.redis.unlink(`deckhand:reply:${bot.accepted[0]!.id}`)

    const executed = await press(message, { name: 'ask', index: 0 })
    const opened = await open(message, { name: 'sql' })

    expect(answerOf(executed)).toContain('I no longer have this answer')
    expect(dialogOf(opened.answer)).toMatchObject({ type: 'message' })
    expect(answerOf(opened)).toContain('I no longer have this answer')
  })

  it('tell the person when the mailbox cannot take what they ask', async () => {
    let isAway = false
    const message = await answered('channel', {
      mailbox: (real) => ({
        ...real,
        async accept(each) {
          if (isAway) throw new MailboxError('unavailable', 'No', { userMessage: 'Not right now.' })
          return real.accept(each)
        },
        [Symbol.asyncDispose]: () => real[Symbol.asyncDispose](),
      }),
    })
    isAway = true

    const delivery = await press(message, { name: 'ask', index: 0 })

    expect(delivery.status).toBe(200)
    expect(answerOf(delivery)).toContain('Not right now.')
  })

  it.each([
    ['adaptiveCard/action', undefined],
    ['adaptiveCard/action', { action: 'x' }],
    ['adaptiveCard/action', { action: { data: { deckhand: { name: 'explode' } } } }],
    ['task/fetch', {}],
    ['task/submit', { data: { deckhandWindow: 'edit', about: 'x' } }],
    ['fileConsent/invoke', { action: 'accept' }],
  ])('are answered, altered or not ours, without a question: %s %j', async (name, value) => {
    bot = await startTeamsApp({ works: false })
    const activity = bot.teams.activityOf({ user: ada(), conversation: places().ada, text: '' })

    const response = await bot.teams.deliver({ ...activity, type: 'invoke', name, value, replyToId: '1' })

    expect(response.status).toBe(200)
    expect(bot.questions()).toEqual([])
  })

  it('of kinds we do not know are refused as such', async () => {
    bot = await startTeamsApp({ works: false })
    const activity = bot.teams.activityOf({ user: ada(), conversation: places().ada, text: '' })

    const response = await bot.teams.deliver({ ...activity, type: 'invoke', name: 'composeExtension/query' })

    expect(response.status).toBe(501)
  })

  it('pressed by somebody of another company are explained to them', async () => {
    const message = await answered()
    const activity = bot.teams.activityOf({ user: ada(), conversation: message.conversation, text: '' })
    const press = {
      ...activity,
      type: 'invoke',
      name: 'adaptiveCard/action',
      replyToId: message.id,
      from: { id: '29:mallory', aadObjectId: 'mallory', tenantId: 'another-tenant' },
      value: {
        action: { type: 'Action.Execute', verb: 'deckhand', data: buttonOf(message, { name: 'ask', index: 0 }) },
      },
    }

    const response = await bot.teams.deliver(press)

    expect(await response.text()).toContain('only people of the company whose data I know')
    expect(bot.questions()).toEqual(['revenue'])
  })
})
