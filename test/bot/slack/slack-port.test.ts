import { describe, expect, it } from 'vitest'
import type { SlackWorkspace, SlackWorkspaceOptions } from '../../../sandbox/slack/contract.ts'
import { createSlackWorkspace } from '../../../sandbox/slack/workspace.ts'
import type { IncomingMessage } from '../../../src/bot/message.ts'
import type { Reply } from '../../../src/bot/reply.ts'
import { beginReply, endWithoutTurn } from '../../../src/bot/reply-view.ts'
import { toOrigin } from '../../../src/bot/chat/origin.ts'
import { spotIn, threadAt, turnIdAt } from '../../../src/bot/chat/place.ts'
import { placeAt } from '../../../src/bot/slack/places.ts'
import { createSlackApi } from '../../../src/bot/slack/slack-api.ts'
import { createSlackPort, type SlackPort } from '../../../src/bot/slack/slack-port.ts'
import { decodeThreadId } from '../../../src/bot/thread.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { silentLogger } from '../../../src/lib/log.ts'
import type { RenderedFile } from '../../../src/render/renderer.ts'
import { describeChatPort, type PortUnderTest } from '../../contracts/chat-port.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { pixel } from '../../support/pixel.ts'
import { samples, withPictures } from './sample-replies.ts'

interface Bench extends AsyncDisposable {
  readonly slack: SlackWorkspace
  readonly port: SlackPort
  ask(text?: string, after?: IncomingMessage): Promise<IncomingMessage>
  /** What people see of the message in its thread, replies and files alike. */
  thread(message: IncomingMessage): ReturnType<SlackWorkspace['messages']>
  callsOf(method: string): number
}

function portOf(slack: SlackWorkspace, clock = systemClock): SlackPort {
  const api = createSlackApi({
    apiUrl: `${slack.url}/api/`,
    tokenOf: (team) => Promise.resolve(team === slack.ids.team ? slack.ids.token : undefined),
    log: silentLogger,
  })
  return createSlackPort({ api, clock, log: silentLogger })
}

async function openBench(options: SlackWorkspaceOptions = {}, clock = systemClock): Promise<Bench> {
  const slack = await createSlackWorkspace({ fileDelayMs: 20, ...options })
  const { team, people, channels } = slack.ids
  return {
    slack,
    port: portOf(slack, clock),
    async ask(text = 'Revenue by region', after) {
      const root = after && decodeThreadId(after.thread).root
      const said = await slack.say({
        user: people.ada,
        channel: channels.sales,
        text: `@Deckhand ${text}`,
        ...(root === undefined ? {} : { threadTs: root }),
      })
      const place = placeAt(team, said.channel, said.ts)
      return {
        id: turnIdAt(place),
        thread: threadAt({ ...place, id: root ?? said.ts }),
        text,
        user: { id: people.ada },
        sentAt: Number(said.ts) * 1000,
        origin: toOrigin(place),
      }
    },
    thread({ thread }) {
      const { channel, root } = decodeThreadId(thread)
      return slack.messages(channel, root).filter(({ user }) => user === slack.ids.botUser)
    },
    callsOf: (method) => slack.calls.filter((call) => call.method === method).length,
    [Symbol.asyncDispose]: () => slack[Symbol.asyncDispose](),
  }
}

const soon = (): AbortSignal => AbortSignal.timeout(20_000)
const file = (format: RenderedFile['format'], name: string, bytes: Uint8Array = pixel): RenderedFile => ({
  format,
  name,
  mediaType: 'application/octet-stream',
  bytes,
})
const of = (message: IncomingMessage, reply: Reply): Reply => ({ ...reply, turnId: message.id, thread: message.thread })
const typesOf = (message: { readonly blocks: readonly { readonly type: string }[] } | undefined): string[] =>
  message?.blocks.map(({ type }) => type) ?? []

const methods = {
  post: 'chat.postMessage',
  find: 'conversations.replies',
  edit: 'chat.update',
  picture: 'files.getUploadURLExternal',
  files: 'files.completeUploadExternal',
} as const

describeChatPort('Slack', async (): Promise<PortUnderTest> => {
  const bench = await openBench()
  const { slack } = bench
  const shown = (posted: string) => {
    const [channel = '', ts = ''] = posted.split(':')
    return slack
      .messages(channel)
      .concat(slack.messages(channel, threadRootOf(slack, channel, ts)))
      .find((each) => each.ts === ts)
  }
  return {
    port: bench.port,
    another: () => portOf(slack),
    ask: (text, after) => bench.ask(text, after),
    textOf: (posted) => JSON.stringify(shown(posted)?.blocks ?? ''),
    picturesOf: (posted) => typesOf(shown(posted)).filter((type) => type === 'image').length,
    countReplies: (message) => bench.thread(message).filter(({ files }) => files.length === 0).length,
    async filesIn(message, count) {
      const { root } = decodeThreadId(message.thread)
      const shared = await slack.waitFor(({ threadTs, files }) => threadTs === root && files.length === count)
      return shared.files.map(({ name }) => name)
    },
    next(call, fault) {
      const method = methods[call]
      if (fault === 'busy') slack.faults.rateLimit(method, 3)
      else if (fault === 'gone') slack.faults.fail(method, 'channel_not_found')
      else if (fault === 'unavailable') slack.faults.failHttp(method, 503)
      else if (fault === 'lost') slack.faults.loseReply(method)
      else slack.faults.slow(method, 60_000)
    },
    [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
  }
})

/** The thread a message is in; its own when it begins one. */
function threadRootOf(slack: SlackWorkspace, channel: string, ts: string): string {
  const roots = slack.messages(channel).map((message) => message.ts)
  return roots.find((root) => slack.messages(channel, root).some((message) => message.ts === ts)) ?? ts
}

describe('createSlackPort', () => {
  it('answers in the thread, with the turn in the metadata and without unfurling', async () => {
    await using bench = await openBench()
    const message = await bench.ask()

    await bench.port.post(message, beginReply(message, 0), soon())

    const [reply] = bench.thread(message)
    expect(reply).toMatchObject({
      threadTs: decodeThreadId(message.thread).root,
      metadata: { event_type: 'deckhand_turn', event_payload: { turn: message.id } },
    })
    const call = bench.slack.calls.find(({ method }) => method === 'chat.postMessage')
    expect(call?.args).toMatchObject({ unfurl_links: expect.anything(), unfurl_media: expect.anything() })
    expect(JSON.stringify(call?.args)).not.toContain('xoxb')
  })

  it('shows every moment of a turn as Slack takes it, in its best form', async () => {
    await using bench = await openBench()
    const message = await bench.ask()
    const picture = await bench.port.addPicture(message, file('png', 'slide-1.png'), 'Slide 1', soon())
    const posted = await bench.port.post(message, beginReply(message, 2), soon())

    for (const sample of Object.values(samples)) {
      const reply = withPictures(of(message, sample), [picture ?? ''])
      await bench.port.edit(posted, message, reply, soon())
    }

    expect(bench.slack.calls.filter(({ error }) => error !== undefined)).toEqual([])
    const looks = bench.thread(message)[0]?.earlier.map(typesOf)
    expect(looks).toHaveLength(Object.keys(samples).length)
    expect(looks?.[5]).toContain('table')
    expect(looks?.[5]).toContain('image')
  })

  it('shows what is being done under the composer, once for each step, and takes it away at the end', async () => {
    await using bench = await openBench()
    const message = await bench.ask()
    const { channel, root } = decodeThreadId(message.thread)
    const status = (): string => bench.slack.statusOf(channel, root)

    const posted = await bench.port.post(message, of(message, samples.working), soon())
    const atFirst = status()
    await bench.port.edit(posted, message, of(message, samples.working), soon())
    await bench.port.edit(posted, message, of(message, samples.growing), soon())
    const later = status()
    await bench.port.edit(posted, message, of(message, samples.answered), soon())

    expect([atFirst, later, status()]).toEqual(['is asking Genie…', 'is writing slides…', ''])
    expect(bench.callsOf('assistant.threads.setStatus')).toBe(3)
  })

  it('does without that status where there is none', async () => {
    await using bench = await openBench()
    const message = await bench.ask()
    bench.slack.faults.fail('assistant.threads.setStatus', 'missing_scope')

    const posted = await bench.port.post(message, of(message, samples.working), soon())
    await bench.port.edit(posted, message, of(message, samples.growing), soon())

    expect(bench.callsOf('assistant.threads.setStatus')).toBe(1)
    expect(typesOf(bench.thread(message)[0])).toContain('table')
  })

  it.each(['invalid_blocks', 'msg_blocks_too_long', 'msg_too_long', 'an_error_of_tomorrow'])(
    'takes a plainer form when Slack answers %s',
    async (error) => {
      await using bench = await openBench()
      const message = await bench.ask()
      const posted = await bench.port.post(message, beginReply(message, 0), soon())
      bench.slack.faults.fail('chat.update', error)

      await bench.port.edit(posted, message, of(message, samples.answered), soon())

      const [reply] = bench.thread(message)
      expect(typesOf(reply)).not.toContain('table')
      expect(JSON.stringify(reply?.blocks)).toContain('EMEA led the fourth quarter')
    },
  )

  it('says that Slack refuses when it takes no form at all', async () => {
    await using bench = await openBench()
    const message = await bench.ask()
    bench.slack.faults.fail('chat.postMessage', 'invalid_blocks', 3)

    await expect(bench.port.post(message, of(message, samples.answered), soon())).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('invalid_blocks'),
    })
    expect(bench.callsOf('chat.postMessage')).toBe(3)
  })

  it('shows the reply without pictures when Slack does not know one of them', async () => {
    await using bench = await openBench()
    const message = await bench.ask()

    await bench.port.post(message, withPictures(of(message, samples.answered), ['F0GONE']), soon())

    const [reply] = bench.thread(message)
    expect(typesOf(reply)).not.toContain('image')
    expect(JSON.stringify(reply?.blocks)).toContain('What to watch in Q1')
  })

  it('tells when to come back', async () => {
    await using bench = await openBench()
    const message = await bench.ask()
    bench.slack.faults.rateLimit('chat.postMessage', 7)

    await expect(bench.port.post(message, beginReply(message, 0), soon())).rejects.toMatchObject({
      code: 'busy',
      retryAfterMs: 7000,
    })
    expect(bench.callsOf('chat.postMessage')).toBe(1)
  })

  it.each(['not_in_channel', 'is_archived', 'token_revoked', 'account_inactive', 'invalid_auth'])(
    'says that nobody is there any more on %s',
    async (error) => {
      await using bench = await openBench()
      const message = await bench.ask()
      bench.slack.faults.fail('chat.postMessage', error)

      await expect(bench.port.post(message, beginReply(message, 0), soon())).rejects.toMatchObject({ code: 'gone' })
    },
  )

  it('says so when the reply was deleted', async () => {
    await using bench = await openBench()
    const message = await bench.ask()
    const posted = await bench.port.post(message, beginReply(message, 0), soon())
    const [reply] = bench.thread(message)
    await bench.slack.remove({ channel: reply?.channel ?? '', ts: reply?.ts ?? '' })

    await expect(bench.port.edit(posted, message, of(message, samples.answered), soon())).rejects.toMatchObject({
      code: 'gone',
    })
  })

  it('says so for a workspace without the app, and calls nothing', async () => {
    await using bench = await openBench()
    const asked = await bench.ask()
    const { channel, root } = decodeThreadId(asked.thread)
    const message = { ...asked, thread: threadAt(placeAt('T0OTHER', channel, root)) }

    await expect(bench.port.post(message, beginReply(message, 0), soon())).rejects.toMatchObject({ code: 'gone' })
    expect(bench.slack.calls).toEqual([])
  })

  it.each<[string, (bench: Bench) => void]>([
    ['an outage', ({ slack }) => slack.faults.failHttp('chat.postMessage', 500)],
    ['a page where JSON should be', ({ slack }) => slack.faults.failHttp('chat.postMessage', 200)],
    ['Slack’s own trouble', ({ slack }) => slack.faults.fail('chat.postMessage', 'internal_error')],
    ['a lost connection', ({ slack }) => slack.faults.loseReply('chat.postMessage')],
  ])('tells %s from a refusal', async (_, break_) => {
    await using bench = await openBench()
    const message = await bench.ask()
    break_(bench)

    await expect(bench.port.post(message, beginReply(message, 0), soon())).rejects.toMatchObject({
      code: 'unavailable',
    })
  })

  it('finds the reply whose answer was lost, also far down in a long thread', async () => {
    await using bench = await openBench()
    const first = await bench.ask()
    const talk = { user: bench.slack.ids.people.grace, channel: bench.slack.ids.channels.sales, text: 'hm' }
    const { root } = decodeThreadId(first.thread)
    for (let count = 0; count < 120; count += 1) await bench.slack.say({ ...talk, threadTs: root })
    const message = await bench.ask('Only EMEA', first)
    bench.slack.faults.loseReply('chat.postMessage')
    await bench.port.post(message, beginReply(message, 0), soon()).catch(() => undefined)

    const found = await bench.port.find(message, soon())

    const [reply] = bench.thread(message)
    expect(found).toBe(`${reply?.channel}:${reply?.ts}`)
  })

  it('waits until Slack has processed a picture', async () => {
    await using bench = await openBench({ fileDelayMs: 400 })
    const message = await bench.ask()

    const picture = await bench.port.addPicture(message, file('png', 'slide-1.png'), 'Slide 1: EMEA', soon())
    await bench.port.post(message, withPictures(of(message, samples.answered), [picture ?? '']), soon())

    expect(bench.callsOf('files.info')).toBeGreaterThan(1)
    expect(typesOf(bench.thread(message)[0])).toContain('image')
    expect(bench.slack.calls.filter(({ error }) => error !== undefined)).toEqual([])
    expect(bench.thread(message).flatMap(({ files }) => files)).toEqual([])
  })

  it('goes without a picture that takes Slack too long', async () => {
    const clock = createManualClock(Date.now(), { autoAdvance: true })
    await using bench = await openBench({ fileDelayMs: 3_600_000 }, clock)
    const message = await bench.ask()

    expect(await bench.port.addPicture(message, file('png', 'slide-1.png'), 'Slide 1', soon())).toBeUndefined()
    const waited = clock.sleeps.reduce((sum, ms) => sum + ms, 0)
    expect(waited).toBe(10_000)
  })

  it('looks again, and does not send again, when looking was too often', async () => {
    const clock = createManualClock(Date.now(), { autoAdvance: true })
    await using bench = await openBench({ fileDelayMs: 0 }, clock)
    const message = await bench.ask()
    bench.slack.faults.rateLimit('files.info', 2)

    expect(await bench.port.addPicture(message, file('png', 'slide-1.png'), 'Slide 1', soon())).toMatch(/^F/)
    expect(clock.sleeps).toContain(2000)
    expect(bench.callsOf('files.completeUploadExternal')).toBe(1)
  })

  it('goes without pictures and files where the workspace takes none', async () => {
    await using bench = await openBench()
    const message = await bench.ask()
    bench.slack.faults.refuseFiles('file_uploads_disabled')

    expect(await bench.port.addPicture(message, file('png', 'slide-1.png'), 'Slide 1', soon())).toBeUndefined()
    expect(await bench.port.addFiles(message, [file('pdf', 'deck.pdf'), file('pptx', 'deck.pptx')], soon())).toEqual([])
  })

  it('brings the files that the workspace takes, where it does not take others', async () => {
    await using bench = await openBench()
    const message = await bench.ask()
    bench.slack.faults.refuseFiles('file_uploads_except_images_disabled')

    const there = await bench.port.addFiles(message, [file('pdf', 'deck.pdf'), file('png', 'overview.png')], soon())

    expect(there).toEqual(['overview.png'])
  })

  it('puts all files of a turn into one message of its thread', async () => {
    await using bench = await openBench()
    const message = await bench.ask()
    const { root } = decodeThreadId(message.thread)

    await bench.port.addFiles(message, [file('pdf', 'deck.pdf'), file('pptx', 'deck.pptx')], soon())

    const shared = await bench.slack.waitFor(({ files }) => files.length > 0)
    expect(shared).toMatchObject({ threadTs: root, files: [{ name: 'deck.pdf' }, { name: 'deck.pptx' }] })
  })

  it('says that files did not get there when their bytes did not', async () => {
    await using bench = await openBench()
    const message = await bench.ask()

    await expect(
      bench.port.addFiles(message, [{ ...file('pdf', 'deck.pdf'), bytes: new Uint8Array() }], soon()),
    ).resolves.toEqual([])
  })

  it('repeats a private answer for all, without what goes on in its own thread', async () => {
    await using bench = await openBench()
    const message = await bench.ask()
    const { people, channels, team } = bench.slack.ids
    const dm = await bench.slack.openDirectMessage(people.ada)
    const opener = await bench.slack.say({ user: people.ada, channel: dm, text: 'Revenue?' })
    const inPrivate = { ...message, thread: threadAt(placeAt(team, dm, opener.ts)), isPrivate: true }
    const reply = of(inPrivate, samples.answered)
    await bench.port.post(inPrivate, reply, soon())
    const { root } = decodeThreadId(message.thread)

    const at = await bench.port.publish(spotIn(placeAt(team, channels.sales, root)), reply, soon())

    expect(JSON.stringify(bench.thread(inPrivate)[0]?.blocks)).toContain('deckhand.publish')
    const published = bench.thread(message).find((each) => `${channels.sales}:${each.ts}` === at)
    expect(JSON.stringify(published?.blocks)).toContain('EMEA led')
    for (const action of ['publish', 'ask', 'slide']) {
      expect(JSON.stringify(published?.blocks)).not.toContain(`deckhand.${action}`)
    }
    expect(await bench.port.find(inPrivate, soon())).toMatch(new RegExp(`^${dm}:`))
  })

  it('tells a person in plain words, and never the token', async () => {
    await using bench = await openBench()
    const message = await bench.ask()
    bench.slack.faults.fail('chat.postMessage', 'not_in_channel')

    const failure = endWithoutTurn(beginReply(message, 0), { status: 'failed', answer: 'No.' })
    const error: unknown = await bench.port.post(message, failure, soon()).catch((caught: unknown) => caught)

    expect(error).toMatchObject({ userMessage: expect.stringContaining('invite me') })
    expect(JSON.stringify(error)).not.toContain(bench.slack.ids.token)
    expect(error instanceof Error && error.message).not.toContain(bench.slack.ids.token)
  })
})
