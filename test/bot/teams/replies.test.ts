import { describe, expect, it } from 'vitest'
import type { Message } from '../../../sandbox/teams/contract.ts'
import { decodePng, encodePng } from '../../../src/render/rasterize/png.ts'
import type { RenderedFile } from '../../../src/render/renderer.ts'
import type { IncomingMessage } from '../../../src/bot/message.ts'
import type { Reply } from '../../../src/bot/reply.ts'
import { advanceReply, beginReply, endWithoutTurn } from '../../../src/bot/reply-view.ts'
import { Activity } from '../../../src/bot/teams/wire.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { openServer } from '../../support/server.ts'
import { openTeamsBench, type TeamsBench } from '../../support/teams-bench.ts'
import { openTeamsSide } from '../../support/teams-side.ts'

const soon = (): AbortSignal => AbortSignal.timeout(20_000)
const working = (message: IncomingMessage, stage: 'intent_analysis' | 'tool_execution_loop'): Reply =>
  advanceReply(beginReply(message, 0), { type: 'stage-start', stage }, 'en')
const withRows = (message: IncomingMessage): Reply => ({
  ...working(message, 'tool_execution_loop'),
  firstAnswer: { headline: 'EMEA leads with 4.2 M', columns: [], rows: [], moreRows: 0 },
})
const ended = (message: IncomingMessage, answer: string): Reply =>
  endWithoutTurn(beginReply(message, 0), { status: 'answered', answer })
const file = (
  format: RenderedFile['format'],
  name: string,
  bytes: Uint8Array = Buffer.from('bytes'),
): RenderedFile => ({
  format,
  name,
  mediaType: 'application/octet-stream',
  bytes,
})

const shown = (message: Message | undefined): string => JSON.stringify([message?.text, message?.attachments])

/** Everything that was sent, as type and stream type. */
function sentBy({ teams }: TeamsBench): string[] {
  return teams.calls
    .filter(({ method }) => method === 'send' || method === 'update')
    .map(({ method, body }) => {
      const { type, entities = [] } = body as { type: string; entities?: readonly Record<string, unknown>[] }
      const info = entities.find((entity) => entity['type'] === 'streaminfo')
      return [method, type, info?.['streamType'], info?.['streamSequence']]
        .filter((part) => part !== undefined)
        .join(' ')
    })
}

describe('A reply in a personal chat', () => {
  it('is a stream until there is something to show, then a message that is edited', async () => {
    await using bench = await openTeamsBench('personal')
    const { port } = bench.side
    const message = await bench.ask()

    const posted = await port.post(message, beginReply(message, 0), soon())
    await port.edit(posted, message, working(message, 'tool_execution_loop'), soon())
    const whileStreaming = bench.teams.messages(bench.ref.conversationId).at(-1)
    const streamed = { text: whileStreaming?.text, type: whileStreaming?.streamType }
    await port.edit(posted, message, withRows(message), soon())
    await port.edit(posted, message, ended(message, 'EMEA leads.'), soon())

    expect(sentBy(bench)).toEqual([
      'send typing informative 1',
      'send typing informative 2',
      // A stream ends with words, which become the card that edits need.
      'send message final',
      'update message',
      'update message',
    ])
    expect(streamed).toEqual({ text: 'Asking Genie', type: 'informative' })
    const replies = bench.replies(message)
    expect(replies).toHaveLength(1)
    expect(shown(replies[0])).toContain('EMEA leads.')
    expect(JSON.stringify(replies[0]?.earlier.at(-1)?.attachments)).toContain('EMEA leads with 4.2 M')
  })

  it('sends nothing for a step that looks the same', async () => {
    await using bench = await openTeamsBench('personal')
    const message = await bench.ask()
    const posted = await bench.side.port.post(message, working(message, 'intent_analysis'), soon())

    await bench.side.port.edit(posted, message, working(message, 'intent_analysis'), soon())

    expect(sentBy(bench)).toEqual(['send typing informative 1'])
  })

  it('goes on as a stream in another process', async () => {
    await using bench = await openTeamsBench('personal')
    const message = await bench.ask()
    const posted = await bench.side.port.post(message, beginReply(message, 0), soon())

    await bench.another().port.edit(posted, message, working(message, 'tool_execution_loop'), soon())
    await bench.another().port.edit(posted, message, ended(message, 'EMEA leads.'), soon())

    expect(sentBy(bench)).toEqual(['send typing informative 1', 'send typing informative 2', 'send message final'])
    expect(bench.replies(message)).toHaveLength(1)
  })

  it('is one message and no stream while another is streamed in the same chat, or others come first', async () => {
    await using bench = await openTeamsBench('personal')
    const first = await bench.ask()
    const second = await bench.ask('Only EMEA')
    const third = await bench.ask('Only APAC')

    await bench.side.port.post(first, beginReply(first, 0), soon())
    await bench.side.port.post(second, beginReply(second, 0), soon())
    await bench.side.port.post(third, beginReply(third, 1), soon())

    expect(sentBy(bench)).toEqual(['send typing informative 1', 'send message', 'send message'])
  })

  it('may be streamed again when the one before has ended', async () => {
    await using bench = await openTeamsBench('personal')
    const first = await bench.ask()
    const posted = await bench.side.port.post(first, beginReply(first, 0), soon())
    await bench.side.port.edit(posted, first, ended(first, 'EMEA leads.'), soon())
    const second = await bench.ask('Only EMEA')

    await bench.side.port.post(second, beginReply(second, 0), soon())

    expect(sentBy(bench).at(-1)).toBe('send typing informative 1')
  })

  it('stops streaming before Teams’ two minutes are over, and goes on by editing', async () => {
    const clock = createManualClock(Date.now())
    await using bench = await openTeamsBench('personal', { clock })
    const message = await bench.ask()
    const posted = await bench.side.port.post(message, beginReply(message, 0), soon())

    await clock.advance(101_000)
    await bench.side.port.edit(posted, message, working(message, 'intent_analysis'), soon())
    await clock.advance(60_000)
    await bench.side.port.edit(posted, message, working(message, 'tool_execution_loop'), soon())
    await bench.side.port.edit(posted, message, ended(message, 'EMEA leads.'), soon())

    expect(sentBy(bench)).toEqual([
      'send typing informative 1',
      'send message final',
      'update message',
      'update message',
      'update message',
    ])
    expect(bench.replies(message)).toHaveLength(1)
  })

  it('is edited where it stands when Teams has ended the stream itself', async () => {
    const clock = createManualClock(Date.now())
    await using bench = await openTeamsBench('personal', { clock })
    const message = await bench.ask()
    const posted = await bench.side.port.post(message, beginReply(message, 0), soon())

    await clock.advance(125_000)
    await bench.side.port.edit(posted, message, ended(message, 'EMEA leads.'), soon())

    expect(bench.teams.calls.at(-2)).toMatchObject({ method: 'send', status: 403 })
    expect(bench.replies(message).map(shown)).toEqual([expect.stringContaining('EMEA leads.')])
  })

  it('stops its turn when the person presses Teams’ own Stop, and still gets its end', async () => {
    await using bench = await openTeamsBench('personal')
    const message = await bench.ask()
    const posted = await bench.side.port.post(message, beginReply(message, 0), soon())
    bench.teams.stopStream(bench.ref.conversationId)

    await bench.side.port.edit(posted, message, working(message, 'tool_execution_loop'), soon())
    const stopped = endWithoutTurn(beginReply(message, 0), { status: 'stopped', answer: 'Stopped.' })
    await bench.side.port.edit(posted, message, stopped, soon())

    expect(bench.side.stopped).toEqual([{ id: message.id, thread: message.thread }])
    const replies = bench.replies(message)
    expect(replies).toHaveLength(1)
    expect(JSON.stringify(replies[0])).toContain('Stopped')
  })

  it('is posted once more, and edited there, when a stream that ended left no message', async () => {
    await using bench = await openTeamsBench('personal')
    const { teams, ref } = bench
    const message = await bench.ask()
    const posted = await bench.side.port.post(message, beginReply(message, 0), soon())
    teams.stopStream(ref.conversationId)
    const stream = teams.messages(ref.conversationId).at(-1)
    teams.faults.fail('update', 404, 'ActivityNotFoundInConversation', 'Not found.')

    await bench.side.port.edit(posted, message, ended(message, 'EMEA leads.'), soon())
    await bench.another().port.edit(posted, message, ended(message, 'EMEA leads by far.'), soon())

    const [reply, ...others] = bench.replies(message)
    expect(others).toEqual([])
    expect(reply?.id).not.toBe(stream?.id)
    expect(shown(reply)).toContain('by far')
  })

  it('is a message from the start where Teams does not stream', async () => {
    await using bench = await openTeamsBench('personal')
    const message = await bench.ask()
    bench.teams.faults.fail('send', 403, 'ContentStreamNotAllowed', 'Content stream is not allowed')

    await bench.side.port.post(message, beginReply(message, 0), soon())

    expect(bench.replies(message)).toHaveLength(1)
  })

  it('leaves out steps of a stream that come too fast for Teams', async () => {
    await using bench = await openTeamsBench('personal', {
      budget: { take: async (_, canBeLeftOut) => (canBeLeftOut ? 900 : 0) },
    })
    const message = await bench.ask()
    const posted = await bench.side.port.post(message, beginReply(message, 0), soon())

    await expect(
      bench.side.port.edit(posted, message, working(message, 'tool_execution_loop'), soon()),
    ).rejects.toMatchObject({ code: 'busy', retryAfterMs: 900 })
    await bench.side.port.edit(posted, message, ended(message, 'EMEA leads.'), soon())

    expect(bench.replies(message)).toHaveLength(1)
  })
})

describe('A reply in a group or channel', () => {
  it.each(['group', 'channel'] as const)('is one card in a %s, never a stream', async (kind) => {
    await using bench = await openTeamsBench(kind)
    const message = await bench.ask()

    const posted = await bench.side.port.post(message, beginReply(message, 0), soon())
    await bench.side.port.edit(posted, message, working(message, 'tool_execution_loop'), soon())

    expect(sentBy(bench)).toEqual(['send message', 'update message'])
    expect(bench.replies(message)).toHaveLength(1)
  })

  it('is told apart from others by the turn it is for, as feedback needs', async () => {
    await using bench = await openTeamsBench('channel')
    const message = await bench.ask()

    const posted = await bench.side.port.post(message, beginReply(message, 0), soon())

    expect(await bench.side.messageTurns.find(bench.refOf(message).conversationId, posted)).toBe(message.id)
  })

  it('is shown in a plainer form where Teams does not take the richest', async () => {
    await using bench = await openTeamsBench('channel')
    const message = await bench.ask()
    bench.teams.faults.fail('send', 400, 'BadSyntax', 'Bad card', 2)

    await bench.side.port.post(message, beginReply(message, 0), soon())

    expect(bench.replies(message)).toHaveLength(1)
  })

  it('cannot be sent where the app was taken out', async () => {
    await using bench = await openTeamsBench('channel')
    const message = await bench.ask()
    await bench.side.references.drop(bench.ref)

    await expect(bench.side.port.post(message, beginReply(message, 0), soon())).rejects.toMatchObject({ code: 'gone' })
    expect(bench.teams.calls).toEqual([])
  })

  it('is found when its answer comes after the caller has left', async () => {
    await using bench = await openTeamsBench('channel')
    const message = await bench.ask()
    bench.teams.faults.slow('send', 400)
    const leaving = new AbortController()
    const posting = bench.side.port.post(message, beginReply(message, 0), leaving.signal)
    setTimeout(() => leaving.abort(new Error('I am gone')), 150)
    await expect(posting).rejects.toThrow('I am gone')

    const found = await bench.another().port.find(message, soon())

    expect(found).toBe(bench.replies(message)[0]?.id)
    expect(bench.replies(message)).toHaveLength(1)
  })

  it('is found where Redis failed right after it was noted', async () => {
    await using bench = await openTeamsBench('channel')
    const message = await bench.ask()
    const messageTurns = { ...bench.side.messageTurns, set: () => Promise.reject(new Error('Redis is away')) }
    await using failing = openTeamsSide({ teams: bench.teams, redis: bench.redis, messageTurns })
    await expect(failing.port.post(message, beginReply(message, 0), soon())).rejects.toThrow('Redis is away')

    const found = await bench.side.port.find(message, soon())

    expect(found).toBe(bench.replies(message)[0]?.id)
  })

  it('is noted before a process has stopped, so that the next one does not post it again', async () => {
    await using bench = await openTeamsBench('channel')
    const message = await bench.ask()
    const stopping = bench.another()
    bench.teams.faults.slow('send', 400)
    const leaving = new AbortController()
    const posting = stopping.port.post(message, beginReply(message, 0), leaving.signal)
    setTimeout(() => leaving.abort(new Error('I am stopping')), 150)
    await expect(posting).rejects.toThrow('I am stopping')

    await stopping[Symbol.asyncDispose]()

    const note = await bench.redis.get(`deckhand:teams:sent:${message.id}`)
    expect(note).toBe(`at:${bench.replies(message)[0]?.id}`)
  })
})

describe('A private answer', () => {
  it('is repeated in the channel it was asked in, without what would go on with it', async () => {
    await using bench = await openTeamsBench('channel')
    const message = await bench.ask()
    const at = {
      platform: 'teams' as const,
      tenant: bench.ref.tenantId,
      channel: bench.ref.conversationId,
      threadId: bench.refOf(message).conversationId.split('=')[1] ?? '',
      isDirect: false,
    }

    const id = await bench.side.port.publish(at, ended(message, 'EMEA leads.'), soon())

    expect(bench.replies(message).map((reply) => [reply.id, shown(reply)])).toEqual([
      [id, expect.stringContaining('EMEA leads.')],
    ])
  })
})

describe('Pictures of slides', () => {
  const slide = (): Uint8Array => {
    const rows = Uint8Array.from({ length: (1280 * 3 + 1) * 720 }, (_, at) =>
      at % (1280 * 3 + 1) === 0 ? 0 : at % 251,
    )
    return encodePng(rows, 1280, 720)
  }

  it('are given to Teams at half their size, behind an address nobody can guess', async () => {
    await using bench = await openTeamsBench('channel')
    await using server = await openServer({ routes: [bench.side.pictures.routes] })
    const message = await bench.ask()

    const address = await bench.side.port.addPicture(message, file('png', 'slide-1.png', slide()), 'Slide 1', soon())

    const { pathname } = new URL(address ?? '')
    expect(pathname).toMatch(/^\/p\/[\w-]{32}\.png$/)
    const response = await fetch(`${server.url}${pathname}`)
    expect(response.headers.get('content-type')).toBe('image/png')
    expect(decodePng(new Uint8Array(await response.arrayBuffer()))).toMatchObject({ widthPx: 640, heightPx: 360 })
    expect((await fetch(`${server.url}/p/${'A'.repeat(32)}.png`)).status).toBe(404)
    expect((await fetch(`${server.url}/p/..%2f..%2fetc`)).status).toBe(404)
  })

  it('go without one that is larger than Teams takes', async () => {
    await using bench = await openTeamsBench('channel')
    const message = await bench.ask()

    const large = Buffer.concat([slide().subarray(0, 16), Buffer.alloc(2 ** 20)])

    expect(await bench.side.port.addPicture(message, file('png', 'slide-1.png', large), '', soon())).toBeUndefined()
  })

  it('lead nowhere once their thread is forgotten, and those of other threads still do', async () => {
    await using bench = await openTeamsBench('channel')
    await using server = await openServer({ routes: [bench.side.pictures.routes] })
    const { side } = bench
    const statusOf = async (address: string | undefined) =>
      (await fetch(`${server.url}${new URL(address ?? '').pathname}`)).status
    const [message, other] = [await bench.ask(), await bench.ask()]
    const picture = file('png', 'slide-1.png', slide())
    const address = await side.port.addPicture(message, picture, 'Slide 1', soon())
    const another = await side.port.addPicture(other, picture, 'Slide 1', soon())
    expect(await statusOf(address)).toBe(200)

    await side.links.revoke(side.decks.keyOf(message.thread))

    expect(await statusOf(address)).toBe(404)
    expect(await statusOf(another)).toBe(200)
  })

  it('lead to the deck itself once there is one', async () => {
    await using bench = await openTeamsBench('channel')
    const message = await bench.ask()
    const posted = await bench.side.port.post(message, beginReply(message, 0), soon())
    const { result, ...rest } = ended(message, 'EMEA leads.')
    if (!result) throw new Error('an ended reply has a result')
    const slides = [{ index: 0, id: 's1', title: 'EMEA leads', picture: 'https://deckhand.example/p/soon-gone.png' }]
    const deck = { key: 'deck-key', version: 3, title: 'Sales', links: {} }

    await bench.side.port.edit(posted, message, { ...rest, slides, slideCount: 1, result: { ...result, deck } }, soon())

    const shown = JSON.stringify(bench.replies(message)[0]?.attachments)
    expect(shown).toContain('https://deckhand.example/d/deck-key/3/thumbnail-1.png')
    expect(shown).not.toContain('soon-gone')
  })
})

describe('Files in a personal chat', () => {
  /** Ada decides about the file she was offered, and Teams tells. Gives back what it told. */
  async function decide(
    bench: TeamsBench,
    isAccepted: boolean,
    change = (value: object): object => value,
    ref = bench.ref,
  ) {
    const offer = bench.teams.messages(bench.ref.conversationId).find(isOffer)
    bench.teams.connect('http://127.0.0.1:9/nobody-listens')
    const { activity } = await bench.teams.consent({
      user: bench.teams.ids.people.ada,
      conversation: bench.ref.conversationId,
      id: offer?.id ?? '',
      isAccepted,
    })
    const told = Activity.parse({ ...activity, value: change(activity['value'] as object) })
    await bench.side.files.decided({ activity: told, ref })
    return told
  }
  const isOffer = ({ attachments }: Message): boolean =>
    attachments.some(({ contentType }) => contentType.endsWith('file.consent'))
  /** What we say after the decision. */
  const said = (bench: TeamsBench) =>
    bench.teams.waitFor((message) => message.from === bench.ref.botId && !isOffer(message))

  it('are offered, and sent when the person agrees', async () => {
    await using bench = await openTeamsBench('personal')
    const message = await bench.ask()
    await bench.side.port.addFiles(message, [file('pptx', 'Sales.pptx', Buffer.from('slides'))], soon())

    await decide(bench, true)
    await said(bench)

    expect(bench.teams.uploads.get('Sales.pptx')?.toString()).toBe('slides')
    expect(bench.replies(message)).toMatchObject([
      { attachments: [{ contentType: 'application/vnd.microsoft.teams.card.file.info', name: 'Sales.pptx' }] },
    ])
    await expect.poll(() => bench.redis.keys('deckhand:teams:waiting:*')).toEqual([])
  })

  it('are not kept when the person does not want them', async () => {
    await using bench = await openTeamsBench('personal')
    const message = await bench.ask()
    await bench.side.port.addFiles(message, [file('pdf', 'Sales.pdf')], soon())

    await decide(bench, false)

    await expect.poll(() => bench.teams.messages(bench.ref.conversationId).filter(isOffer)).toEqual([])
    await expect.poll(() => bench.redis.keys('deckhand:teams:waiting:*')).toEqual([])
    expect(bench.teams.uploads.size).toBe(0)
  })

  it('go to no address but one that Teams may have', async () => {
    await using bench = await openTeamsBench('personal')
    const message = await bench.ask()
    await bench.side.port.addFiles(message, [file('pdf', 'Sales.pdf')], soon())

    await decide(bench, true, (value) => ({
      ...value,
      uploadInfo: { ...(value as { uploadInfo: object }).uploadInfo, uploadUrl: 'https://elsewhere.example/take' },
    }))

    expect((await said(bench)).text).toContain('could not be sent')
    expect(bench.teams.calls.filter(({ method }) => method === 'upload')).toEqual([])
  })

  it('are refused in words when they are not kept any more', async () => {
    await using bench = await openTeamsBench('personal')
    const message = await bench.ask()
    await bench.side.port.addFiles(message, [file('pdf', 'Sales.pdf')], soon())
    await bench.redis.unlink(...(await bench.redis.keys('deckhand:teams:waiting:*')))

    await decide(bench, true)

    expect((await said(bench)).text).toContain('any more')
  })

  it('go to nobody once their thread is forgotten', async () => {
    await using bench = await openTeamsBench('personal')
    const message = await bench.ask()
    await bench.side.port.addFiles(message, [file('pdf', 'Sales.pdf')], soon())

    await bench.side.links.revoke(bench.side.decks.keyOf(message.thread))
    await decide(bench, true)

    expect((await said(bench)).text).toContain('any more')
    expect(bench.teams.calls.filter(({ method }) => method === 'upload')).toEqual([])
    await expect.poll(() => bench.redis.keys('deckhand:teams:waiting:*')).toEqual([])
  })

  it('go to no other chat than that of the person they were offered to', async () => {
    await using bench = await openTeamsBench('personal')
    const message = await bench.ask()
    await bench.side.port.addFiles(message, [file('pdf', 'Sales.pdf')], soon())
    const { grace } = bench.teams.ids.people
    const elsewhere = { ...bench.ref, conversationId: bench.teams.ids.conversations.grace, userId: grace.id }
    await bench.side.references.put(elsewhere)

    await decide(bench, true, (value) => value, elsewhere)

    await bench.teams.waitFor(({ conversation, text }) => {
      return conversation === elsewhere.conversationId && text.includes('any more')
    })
    expect(bench.teams.calls.filter(({ method }) => method === 'upload')).toEqual([])
  })

  it('are sent once, however often Teams tells of the decision', async () => {
    await using bench = await openTeamsBench('personal')
    const message = await bench.ask()
    await bench.side.port.addFiles(message, [file('pdf', 'Sales.pdf')], soon())
    const activity = await decide(bench, true)
    await said(bench)

    await bench.side.files.decided({ activity, ref: bench.ref })

    expect(bench.teams.calls.filter(({ method }) => method === 'upload')).toHaveLength(1)
  })

  it('are offered only as far as they can wait', async () => {
    await using bench = await openTeamsBench('personal')
    const message = await bench.ask()

    const there = await bench.side.port.addFiles(
      message,
      [file('pdf', 'huge.pdf', Buffer.alloc(17 * 2 ** 20)), file('pptx', 'Sales.pptx'), file('csv', 'T1.csv')],
      soon(),
    )

    expect(there).toEqual(['Sales.pptx'])
  })
})
