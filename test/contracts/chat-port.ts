import { describe, expect, it } from 'vitest'
import { type ChatPort, PortError, type PostedMessage } from '../../src/bot/chat-port.ts'
import type { IncomingMessage } from '../../src/bot/message.ts'
import type { Reply } from '../../src/bot/reply.ts'
import { advanceReply, beginReply, endWithoutTurn, withPicture } from '../../src/bot/reply-view.ts'
import type { RenderedFile } from '../../src/render/renderer.ts'
import { createRandomReplies } from '../support/random-replies.ts'
import { pixel } from '../support/pixel.ts'

export type PortCall = 'post' | 'find' | 'edit' | 'picture' | 'files'
/**
 * What the platform does to the next call. `hang`: it answers much later than anyone waits; `lost`: it does what it was
 * asked, and the answer never arrives.
 */
export type PortFault = 'busy' | 'gone' | 'unavailable' | 'hang' | 'lost'

/** In what a platform cannot be like the others. Everything that is not named here holds on all of them. */
export interface PlatformDifferences {
  /** Calls that ask nothing of the platform, and so cannot fail by it. */
  readonly withoutPlatform?: readonly PortCall[]
  /** Files that it takes into a thread (default: all). */
  readonly takes?: (file: RenderedFile) => boolean
  /**
   * Whether a thread can be read back (default true). Where it cannot, what was posted by a call whose answer was lost
   * stays unknown, and is posted a second time. `undefined` where answers cannot be lost.
   */
  readonly readsBack?: boolean | undefined
}

/** A port, the platform behind it, and what people see there. */
export interface PortUnderTest extends AsyncDisposable {
  readonly port: ChatPort
  /** A port of another process, to the same platform. */
  another(): ChatPort
  /** A person writes something: in a thread of its own, or further down in that of an earlier message. */
  ask(text: string, after?: IncomingMessage): Promise<IncomingMessage>
  /** All texts of a posted message, as people see it now. */
  textOf(posted: PostedMessage, message: IncomingMessage): string
  /** Pictures that it shows now. */
  picturesOf(posted: PostedMessage, message: IncomingMessage): number
  /** Replies in the message's thread. */
  countReplies(message: IncomingMessage): number
  /** Resolves to the names of the files in the message's thread, when there are `count`. */
  filesIn(message: IncomingMessage, count: number): Promise<readonly string[]>
  next(call: PortCall, fault: PortFault): void
}

const signal = (): AbortSignal => AbortSignal.timeout(20_000)
const png = (name: string): RenderedFile => ({ format: 'png', name, mediaType: 'image/png', bytes: pixel, slide: 0 })
const files: readonly RenderedFile[] = [
  { format: 'pdf', name: 'deck.pdf', mediaType: 'application/pdf', bytes: Buffer.from('%PDF-1.7') },
  { format: 'csv', name: 'T1.csv', mediaType: 'text/csv', bytes: Buffer.from('a,b\n1,2\n') },
]
const ended = (message: IncomingMessage, answer: string): Reply =>
  endWithoutTurn(beginReply(message, 0), { status: 'answered', answer })

/** What every platform's port promises the rest of the bot. */
export function describeChatPort(
  name: string,
  open: () => Promise<PortUnderTest>,
  differences: PlatformDifferences = {},
): void {
  const { withoutPlatform = [], takes = () => true } = differences
  const readsBack = 'readsBack' in differences ? differences.readsBack : true
  describe(`${name} as a chat port`, () => {
    it('posts a reply, and shows it as it grows in that same message', async () => {
      await using platform = await open()
      const { port } = platform
      const message = await platform.ask('Revenue by region')
      const begun = beginReply(message, 0)

      const posted = await port.post(message, begun, signal())
      const working = advanceReply(begun, { type: 'stage-start', stage: 'tool_execution_loop' }, 'en')
      await port.edit(posted, message, working, signal())
      const shownWhileWorking = platform.textOf(posted, message)
      await port.edit(posted, message, ended(message, 'EMEA leads.'), signal())

      expect(shownWhileWorking).toContain('Asking Genie')
      expect(platform.textOf(posted, message)).toContain('EMEA leads.')
      expect(platform.textOf(posted, message)).not.toContain('Asking Genie')
      expect(platform.countReplies(message)).toBe(1)
    })

    it('tells its place to who has to wait', async () => {
      await using platform = await open()
      const message = await platform.ask('Revenue by region')

      const posted = await platform.port.post(message, beginReply(message, 3), signal())

      expect(platform.textOf(posted, message)).toContain('3')
    })

    it('may edit to the same content twice', async () => {
      await using platform = await open()
      const message = await platform.ask('Revenue by region')
      const posted = await platform.port.post(message, beginReply(message, 0), signal())

      await platform.port.edit(posted, message, ended(message, 'EMEA leads.'), signal())
      await platform.port.edit(posted, message, ended(message, 'EMEA leads.'), signal())

      expect(platform.textOf(posted, message)).toContain('EMEA leads.')
      expect(platform.countReplies(message)).toBe(1)
    })

    it('edits what another process has posted', async () => {
      await using platform = await open()
      const message = await platform.ask('Revenue by region')
      const posted = await platform.port.post(message, beginReply(message, 0), signal())

      await platform.another().edit(posted, message, ended(message, 'EMEA leads.'), signal())

      expect(platform.textOf(posted, message)).toContain('EMEA leads.')
    })

    it('finds what a process posted that could not note the id', async () => {
      await using platform = await open()
      const first = await platform.ask('Revenue by region')
      const second = await platform.ask('Only EMEA', first)
      expect(await platform.port.find(first, signal())).toBeUndefined()
      const posted = await platform.port.post(first, beginReply(first, 0), signal())
      const postedToo = await platform.port.post(second, beginReply(second, 1), signal())
      const other = platform.another()

      const found = [await other.find(first, signal()), await other.find(second, signal())]

      expect(found).toEqual([posted, postedToo])
      expect(await other.find(await platform.ask('And APAC?', first), signal())).toBeUndefined()
    })

    const findsLostPosts = () =>
      it('finds what was posted by a call whose answer was lost', async () => {
        await using platform = await open()
        const message = await loseAnswerToPost(platform)

        const found = await platform.another().find(message, signal())

        expect(found).toBeTypeOf('string')
        expect(platform.countReplies(message)).toBe(1)
      })

    const postsAnew = () =>
      it('does not pretend to find what was posted by a call whose answer was lost', async () => {
        await using platform = await open()
        const message = await loseAnswerToPost(platform)

        const found = await platform.another().find(message, signal())
        const posted = await platform.another().post(message, beginReply(message, 0), signal())
        await platform.port.edit(posted, message, ended(message, 'EMEA leads.'), signal())

        expect(found).toBeUndefined()
        expect(platform.textOf(posted, message)).toContain('EMEA leads.')
      })

    // Each platform promises one of the two; the port in memory loses nothing.
    if (readsBack === true) findsLostPosts()
    if (readsBack === false) postsAnew()

    it('shows pictures of slides', async () => {
      await using platform = await open()
      const { port } = platform
      const message = await platform.ask('Revenue by region')
      const posted = await port.post(message, beginReply(message, 0), signal())

      const picture = await port.addPicture(message, png('slide-1.png'), 'Slide 1', signal())
      expect(picture).toBeTypeOf('string')
      const slides = [{ index: 0, id: 's1', title: 'EMEA leads', picture: '' }]
      const reply = withPicture({ ...ended(message, 'EMEA leads.'), slides, slideCount: 1 }, 0, picture ?? '')
      await port.edit(posted, message, reply, signal())

      expect(platform.picturesOf(posted, message)).toBe(1)
      expect(platform.countReplies(message)).toBe(1)
    })

    it('puts files into the thread, and says which got there', async () => {
      await using platform = await open()
      const message = await platform.ask('Revenue by region')

      const there = await platform.port.addFiles(message, files, signal())

      const taken = files.filter((file) => takes(file)).map(({ name }) => name)
      expect(there).toEqual(taken)
      expect(await platform.filesIn(message, taken.length)).toEqual(taken)
    })

    it('shows any reply, however large or strange', async () => {
      await using platform = await open()
      const message = await platform.ask('Revenue by region')
      const posted = await platform.port.post(message, beginReply(message, 0), signal())
      const randomReply = createRandomReplies(41)
      for (let round = 0; round < 40; round += 1) {
        const { slides, ...rest } = randomReply()
        const reply = { ...rest, slides: slides.map((slide) => ({ ...slide, picture: '' })), turnId: message.id }
        await platform.port.edit(posted, message, reply, signal())
      }
      await platform.port.edit(posted, message, ended(message, 'Revenue by region <&> '.repeat(3000)), signal())

      expect(platform.textOf(posted, message)).toContain('Revenue by region')
    })

    const calls: readonly [
      PortCall,
      (port: ChatPort, message: IncomingMessage, posted: PostedMessage, signal: AbortSignal) => Promise<unknown>,
    ][] = [
      ['post', (port, message, _, within) => port.post(message, beginReply(message, 0), within)],
      ['find', (port, message, _, within) => port.find(message, within)],
      ['edit', (port, message, posted, within) => port.edit(posted, message, ended(message, 'Done.'), within)],
      ['picture', (port, message, _, within) => port.addPicture(message, png('slide-1.png'), 'Slide 1', within)],
      ['files', (port, message, _, within) => port.addFiles(message, files, within)],
    ]

    it.each(calls.filter(([call]) => withoutPlatform.includes(call)))(
      'asks nothing of the platform for %s',
      async (call, run) => {
        await using platform = await open()
        const message = await platform.ask('Revenue by region')
        const posted = await platform.port.post(message, beginReply(message, 0), signal())
        for (const other of ['post', 'edit'] as const) platform.next(other, 'unavailable')

        await expect(run(platform.port, message, posted, signal()), call).resolves.toBeDefined()
        const reason = new Error('The turn is over')
        await expect(run(platform.port, message, posted, AbortSignal.abort(reason))).rejects.toBe(reason)
      },
    )

    describe.each(calls.filter(([call]) => !withoutPlatform.includes(call)))('%s', (call, run) => {
      it.each(['busy', 'gone', 'unavailable'] as const)('says that the platform is %s', async (code) => {
        await using platform = await open()
        const message = await platform.ask('Revenue by region')
        const posted = await platform.port.post(message, beginReply(message, 0), signal())
        platform.next(call, code)

        const failure: unknown = await run(platform.port, message, posted, signal()).catch((error: unknown) => error)

        expect(failure).toBeInstanceOf(PortError)
        expect(failure).toMatchObject({ code, userMessage: expect.stringMatching(/\.$/) })
        if (code === 'busy') expect(failure).toMatchObject({ retryAfterMs: expect.any(Number) })
      })

      it('works again after a failure', async () => {
        await using platform = await open()
        const message = await platform.ask('Revenue by region')
        const posted = await platform.port.post(message, beginReply(message, 0), signal())
        platform.next(call, 'unavailable')

        const outcomes = [
          await outcomeOf(run(platform.port, message, posted, signal())),
          await outcomeOf(run(platform.port, message, posted, signal())),
        ]

        expect(outcomes).toEqual(['unavailable', 'done'])
      })

      it('ends with its signal', async () => {
        await using platform = await open()
        const message = await platform.ask('Revenue by region')
        const posted = await platform.port.post(message, beginReply(message, 0), signal())
        const reason = new Error('The turn is over')
        const stop = new AbortController()
        platform.next(call, 'hang')

        const running = run(platform.port, message, posted, stop.signal)
        setImmediate(() => stop.abort(reason))

        await expect(running).rejects.toBe(reason)
        await expect(run(platform.port, message, posted, AbortSignal.abort(reason))).rejects.toBe(reason)
      })
    })
  })
}

/** Posts a reply that arrives without the port hearing of it. Resolves to the message it replies to. */
async function loseAnswerToPost(platform: PortUnderTest): Promise<IncomingMessage> {
  const message = await platform.ask('Revenue by region')
  platform.next('post', 'lost')
  const posting = platform.port.post(message, beginReply(message, 0), signal())
  await expect(posting).rejects.toMatchObject({ code: 'unavailable' })
  return message
}

async function outcomeOf(running: Promise<unknown>): Promise<string> {
  try {
    await running
    return 'done'
  } catch (error) {
    return error instanceof PortError ? error.code : 'broken'
  }
}
