import { z } from 'zod'
import type { Clock } from '../../lib/clock.ts'
import { userMessageOf } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import type { AdminDesk, Considered } from '../admin/admin-desk.ts'
import type { Identity } from '../admin/admins.ts'
import { commandToText } from '../admin/command.ts'
import { type CommandThread, runInThread } from '../admin/run-in-thread.ts'
import type { Background } from '../chat/background.ts'
import { type Place, type Spot, spotIn } from '../chat/place.ts'
import { clip } from '../chat/text.ts'
import { PortError } from '../chat-port.ts'
import { type Approval, approvalBlocks } from './blocks/approval.ts'
import { limits, pace } from './limits.ts'
import { channelAt, placeAt } from './places.ts'
import { toMrkdwn } from './said.ts'
import type { SlackApi } from './slack-api.ts'
import { type Confirmed, releaseView } from './views/release-view.ts'
import type { SlackVoice } from './voice.ts'

/** `/deckhand WORDS`. */
export interface ReleaseCommand {
  readonly team: string
  readonly channel: string
  readonly user: string
  readonly text: string
  /** Opens a modal within three seconds. */
  readonly trigger: string
}

/** Commands of admins in Slack. Disposing it leaves releases that run where they stand, for another process. */
export interface SlackReleases extends AsyncDisposable {
  /** → what to tell the person alone; '' when they will see */
  command(command: ReleaseCommand): Promise<string>
  /** The person has read what would change, and wants it. */
  confirm(confirmed: Confirmed & { readonly team: string; readonly user: string }): Promise<void>
  approve(
    pressed: Approval & {
      readonly team: string
      readonly user: string
      readonly channel: string
      readonly root: string
    },
  ): Promise<void>
}

export interface SlackReleasesDeps {
  readonly desk: AdminDesk
  readonly api: SlackApi
  readonly voice: SlackVoice
  readonly background: Background
  readonly clock: Clock
  readonly log: Logger
}

type Allowed = Considered & { readonly kind: 'allowed' }

const withinMs = 10_000
const looking = 'Looking at what would change …'
const Opened = z.object({ view: z.object({ id: z.string() }) })

export function createSlackReleases(deps: SlackReleasesDeps): SlackReleases {
  const { desk, api, voice, background, clock, log } = deps
  const stopping = new AbortController()
  const { signal } = stopping
  const running = new Set<Promise<void>>()

  const call = <Shape extends z.ZodType>(team: string, method: string, args: Record<string, unknown>, shape: Shape) =>
    api.call(team, method, args, shape, AbortSignal.timeout(withinMs))

  function threadUnder(root: Place): CommandThread {
    return {
      async begin(text) {
        const { tenant, channel, id } = await voice.say(spotIn(root), text)
        return async (next) => {
          const args = { channel, ts: id, text: toMrkdwn(clip(next, limits.section)) }
          await call(tenant, 'chat.update', args, z.unknown())
        }
      },
      async end(text, approval) {
        const { tenant, channel, id } = root
        const said = clip(text, limits.section)
        const blocks = approval ? { blocks: approvalBlocks(said, approval) } : {}
        const args = {
          channel,
          thread_ts: id,
          text: toMrkdwn(said),
          unfurl_links: false,
          unfurl_media: false,
          ...blocks,
        }
        await call(tenant, 'chat.postMessage', args, z.unknown())
      },
    }
  }

  function carryOut(allowed: Allowed, at: Spot, user: string, rootOf: () => Promise<Place>): void {
    background.run('release', () => {
      const run = begin()
      running.add(run)
      return run.finally(() => running.delete(run))
    })

    async function begin(): Promise<void> {
      let thread: CommandThread
      try {
        thread = threadUnder(await rootOf())
      } catch (error) {
        await voice.whisper(at, user, userMessageOf(error))
        throw error
      }
      await runInThread(allowed, thread, { clock, log, pauseMs: pace.editIntervalMs, signal })
    }
  }

  function tell(at: Spot, user: string, text: string): void {
    background.run('tell', () => voice.whisper(at, user, text))
  }

  /** The first message of a command's thread, where it was said; in the direct message where we are not in the channel. */
  async function announce(team: string, channel: string, user: string, words: string): Promise<Place> {
    const said = [{ person: user }, ' commands: ', { bold: words }]
    try {
      return await voice.say(channelAt(team, channel), said)
    } catch (error) {
      if (!(error instanceof PortError) || error.code !== 'gone') throw error
      return await voice.sayTo(channelAt(team, channel), user, said)
    }
  }

  async function look(allowed: Allowed): Promise<string> {
    try {
      return (await allowed.run({ signal, onProgress: () => undefined })).text
    } catch (error) {
      return userMessageOf(error)
    }
  }

  /** What is asked before something is changed; what would change is filled in when it is known. */
  function ask(identity: Identity, { team, channel, trigger }: ReleaseCommand, { command }: Allowed): void {
    const confirmed = { channel, words: commandToText(command) }
    const canPlan = command.name === 'deploy' || command.name === 'rollback'
    background.run('ask before a release', async () => {
      const view = releaseView(confirmed, canPlan ? looking : 'Nothing is done before you say so.')
      const { view: opened } = await call(team, 'views.open', { trigger_id: trigger, view }, Opened)
      if (!canPlan) return
      const preview = await desk.consider(identity, commandToText({ ...command, isDryRun: true }))
      const about = preview.kind === 'allowed' ? await look(preview) : preview.text
      await call(team, 'views.update', { view_id: opened.id, view: releaseView(confirmed, about) }, z.unknown())
    })
  }

  return {
    async command(given) {
      const { team, channel, user, text } = given
      const identity = identityOf(team, user)
      const considered = await desk.consider(identity, text)
      if (considered.kind !== 'allowed') return considered.text
      if (considered.changesSomething) {
        ask(identity, given, considered)
        return ''
      }
      background.run('tell of releases', async () => {
        await voice.whisper(channelAt(team, channel), user, clip(await look(considered), limits.section))
      })
      return ''
    },

    async confirm({ team, channel, user, words }) {
      const considered = await desk.consider(identityOf(team, user), words)
      const at = channelAt(team, channel)
      if (considered.kind === 'allowed') carryOut(considered, at, user, () => announce(team, channel, user, words))
      else tell(at, user, considered.text)
    },

    async approve({ team, channel, user, root, environment, plan }) {
      const at = placeAt(team, channel, root)
      const considered = await desk.consider(identityOf(team, user), `approve ${environment} --plan ${plan}`)
      if (considered.kind === 'allowed') carryOut(considered, spotIn(at), user, () => Promise.resolve(at))
      else tell(spotIn(at), user, considered.text)
    },

    async [Symbol.asyncDispose]() {
      stopping.abort(new DOMException('The service is shutting down', 'AbortError'))
      await Promise.allSettled(running)
    },
  }
}

function identityOf(team: string, user: string): Identity {
  return `slack:${team}/${user}`
}
