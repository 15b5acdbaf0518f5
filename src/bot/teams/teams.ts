import type { AdminDesk } from '../admin/admin-desk.ts'
import { type ChatParts, createChat } from '../chat/chat.ts'
import type { FollowUp } from '../chat/follow-up.ts'
import type { Written } from '../chat/heard.ts'
import type { AnswerIn } from '../chat/listening.ts'
import { spotIn, turnIdAt } from '../chat/place.ts'
import type { PublishingPort } from '../chat/publishing-port.ts'
import { asksToStartOver, helpText } from '../chat/words.ts'
import { createInstalling } from './installing.ts'
import { done } from './invoke-answers.ts'
import { cardActionData, parseFeedback, taskData } from './invokes.ts'
import type { MessageTurns } from './message-turns.ts'
import { parseMessage } from './parse.ts'
import { isStranger, placeIn, rootInChannel, userOf } from './places.ts'
import { createPressing } from './pressing.ts'
import type { References } from './references.ts'
import { createTeamsReleases, type TeamsReleases } from './releases.ts'
import { createTopics } from './topics.ts'
import { createVoice } from './voice.ts'
import type { InvokeAnswer, OnActivity, TeamsWire, VerifiedActivity } from './wire.ts'

export interface TeamsDeps extends ChatParts {
  readonly settings: {
    readonly answerIn: AnswerIn
    readonly followUp: FollowUp
    /** How long a thread is remembered. */
    readonly threadTtlMs: number
  }
  readonly wire: TeamsWire
  readonly references: References
  readonly messageTurns: MessageTurns
  readonly port: PublishingPort
  /** Files that a person agreed to take, or does not want; resolves at once, sending goes on behind. */
  readonly consented: (verified: VerifiedActivity) => Promise<void>
  /** Where admins command releases. Undefined: not from here. */
  readonly desk?: AdminDesk | undefined
}

/** Everything that comes in from Teams. Disposing it waits for what is being said. */
export interface Teams extends AsyncDisposable {
  readonly onActivity: OnActivity
}

const newTopic = 'A new topic it is: what was said before does not count from here on. What would you like to know?'
const topicsOfChannels = 'In a channel each post is a topic of its own: write a new post, and mention me in it.'

export function createTeams(deps: TeamsDeps): Teams {
  const { settings, redis, wire, references, messageTurns, log } = deps
  const topics = createTopics({ redis, ttlMs: settings.threadTtlMs })
  const voice = createVoice({ wire, references, topics })
  const help = helpText({ startsOver: true })
  const chat = createChat({ ...deps, ...settings, platform: 'teams', help, voice })
  const pressing = createPressing({ chat, topics, messageTurns, wire, voice, log })
  const installing = createInstalling({ chat, voice, help })
  const { desk } = deps
  const releases = desk && createTeamsReleases({ ...deps, desk, background: chat.background })

  async function hear(verified: VerifiedActivity): Promise<void> {
    const { activity, ref } = verified
    const place = placeIn(ref, activity.id ?? '')
    const root = rootInChannel(verified) ?? (await topics.of(turnIdAt(place), place.tenant, place.channel))
    const heard = parseMessage(verified, root)
    const isForUs = heard.kind === 'written' && (heard.root.isDirect || heard.isMention) && !heard.isStranger
    const words = isForUs && heard.root.isDirect ? releases?.find(verified, heard.text) : undefined
    if (releases && words !== undefined) await command(verified, turnIdAt(place), words, releases)
    else if (isForUs && asksToStartOver(heard.text)) await startOver(verified, heard)
    else await chat.hear(heard)
  }

  async function command(
    verified: VerifiedActivity,
    turn: string,
    words: string,
    releases: TeamsReleases,
  ): Promise<void> {
    if (!(await chat.once.claim(turn))) return
    try {
      await releases.command(verified, words)
    } catch (error) {
      await chat.once.release(turn) // the delivery comes again
      throw error
    }
  }

  async function startOver({ ref }: VerifiedActivity, { place, root }: Written): Promise<void> {
    const turn = turnIdAt(place)
    if (!(await chat.once.claim(turn))) return
    const isChannel = ref.conversationType === 'channel'
    try {
      if (!isChannel) await topics.goOnIn(place.id, place.tenant, place.channel)
    } catch (error) {
      await chat.once.release(turn) // the delivery comes again
      throw error
    }
    chat.background.run('tell', () =>
      voice.say(spotIn(isChannel ? root : place), isChannel ? topicsOfChannels : newTopic),
    )
  }

  /** Teams keeps no feedback, and tells it once. */
  async function judge({ activity, ref }: VerifiedActivity): Promise<InvokeAnswer> {
    const given = parseFeedback(activity.value)
    if (!given || isStranger(activity, ref)) return done
    const turnId = await messageTurns.find(ref.conversationId, activity.replyToId ?? '')
    const reply = turnId === undefined ? undefined : await chat.stored.find(turnId, ref.tenantId)
    if (reply) await chat.opinions.note(reply, { userId: userOf(activity), ...given })
    else log.info({ message: activity.replyToId }, 'Feedback in Teams is about no answer that is kept')
    return done
  }

  async function invoked(verified: VerifiedActivity): Promise<InvokeAnswer> {
    const { name, value } = verified.activity
    switch (name) {
      case 'adaptiveCard/action':
        return pressing.byCard(verified, cardActionData(value))
      case 'task/fetch':
      case 'task/submit':
        return pressing.byDialog(verified, taskData(value))
      case 'message/submitAction':
        return judge(verified)
      case 'fileConsent/invoke':
        await deps.consented(verified)
        return done
      default:
        return { status: 501 }
    }
  }

  return {
    async onActivity(verified) {
      switch (verified.activity.type) {
        case 'message':
          if (!(await pressing.byMessage(verified))) await hear(verified)
          return undefined
        case 'messageDelete':
          await hear(verified)
          return undefined
        case 'conversationUpdate':
        case 'installationUpdate':
          await installing.changed(verified)
          return undefined
        case 'invoke':
          return invoked(verified)
        default:
          return undefined
      }
    },
    async [Symbol.asyncDispose]() {
      await releases?.[Symbol.asyncDispose]()
      await chat[Symbol.asyncDispose]()
    },
  }
}
