import { isRecord, list, string } from '../local/json.ts'
import { CallError } from './call-error.ts'
import type { Content } from './contract.ts'
import type { Conversation, State, StoredMessage } from './state.ts'

/** Messages that grow while the bot writes them, by the rules of the vendor's page. */
export interface Streams {
  /**
   * Takes a call that is part of a stream; undefined when it is none.
   * @throws CallError when the rules are broken
   */
  take(
    call: { readonly conversation: Conversation; readonly full: string; readonly body: Body; readonly sent: string },
    content: Content,
  ): { readonly status: 201 | 202; readonly body: Readonly<Record<string, unknown>> } | undefined
  /** The person presses Stop. */
  stop(place: string): void
}

type Body = Readonly<Record<string, unknown>>

interface Stream {
  readonly message: StoredMessage
  readonly startedAt: number
  sequence: number
  /** What was streamed, as text that stays. */
  text: string
  state: 'open' | 'stopped' | 'done'
}

/** @see https://learn.microsoft.com/microsoftteams/platform/bots/streaming-ux */
const longestMs = 120_000
const longestInformative = 1000

export function createStreams(state: State): Streams {
  const streams = new Map<string, Stream>()

  function start(call: Parameters<Streams['take']>[0], content: Content, info: Body): StoredMessage {
    const { conversation, full, sent } = call
    if (info['streamSequence'] !== 1) throw new CallError(400, 'BadRequest', 'The first streamSequence should be 1')
    const running = [...streams.values()].find(
      (stream) => stream.message.place === conversation.id && isOpen(stream, state.now()),
    )
    if (running) throw notAllowed('Content stream is not allowed')
    const message = state.add({
      ...content,
      id: state.nextId(),
      place: conversation.id,
      conversation: full,
      from: state.ids.bot,
      streamType: string(info['streamType'], 'streaming'),
      sent,
    })
    const isText = info['streamType'] !== 'informative'
    streams.set(message.id, {
      message,
      startedAt: state.now(),
      sequence: 1,
      text: isText ? content.text : '',
      state: 'open',
    })
    return message
  }

  return {
    take(call, content) {
      const { conversation, body, sent } = call
      const info = list(body['entities']).find((entity) => isRecord(entity) && entity['type'] === 'streaminfo')
      if (!isRecord(info)) return undefined
      const type = string(info['streamType'], 'streaming')
      const isFinal = type === 'final'
      if (isFinal !== (body['type'] === 'message')) {
        throw new CallError(400, 'BadRequest', 'Only the final part of a stream is a message, and only it')
      }
      // Observed, not documented: teams-sdk#2316.
      if (conversation.type !== 'personal')
        throw new CallError(405, 'MethodNotAllowed', 'Streaming is for personal chats')
      if (content.text === '') throw new CallError(400, 'BadRequest', 'Start streaming activities should include text')
      if (!isFinal && content.attachments.length > 0) {
        throw new CallError(400, 'BadRequest', 'Attachments are allowed in the final message only')
      }
      if (type === 'informative' && content.text.length > longestInformative) {
        throw new CallError(400, 'BadRequest', 'Informative messages are limited to 1000 characters')
      }
      if (info['streamId'] === undefined) {
        return { status: 201, body: { id: start(call, content, info).id } }
      }
      const stream = streams.get(string(info['streamId']))
      if (!stream || stream.message.place !== conversation.id) {
        throw new CallError(404, 'ActivityNotFoundInConversation', 'There is no such stream')
      }
      if (stream.state === 'stopped') throw notAllowed('Content stream was canceled by user.')
      if (stream.state === 'done') {
        throw notAllowed('Content stream is not allowed on an already completed streamed message')
      }
      if (!isOpen(stream, state.now())) throw notAllowed('Content stream finished due to exceeded streaming time.')
      if (!content.text.startsWith(stream.text)) {
        throw notAllowed('Request streamed content should contain the previously streamed content')
      }
      if (isFinal) {
        if (info['streamSequence'] !== undefined) {
          throw new CallError(400, 'BadRequest', 'The final message should not have a streamSequence')
        }
        stream.state = 'done'
        state.change(stream.message, { ...content, streamType: '', sent })
        return { status: 202, body: {} }
      }
      const sequence = Number(info['streamSequence'])
      if (!(sequence > stream.sequence)) {
        const message = 'PreCondition failed exception when processing streaming activity.'
        return { status: 202, body: { error: { code: 'ContentStreamSequenceOrderPreConditionFailed', message } } }
      }
      stream.sequence = sequence
      if (type !== 'informative') stream.text = content.text
      state.change(stream.message, { ...content, streamType: type, sent })
      return { status: 202, body: {} }
    },
    stop(place) {
      for (const stream of streams.values()) {
        if (stream.message.place === place && isOpen(stream, state.now())) stream.state = 'stopped'
      }
    },
  }
}

function isOpen(stream: Stream, now: number): boolean {
  return stream.state === 'open' && now - stream.startedAt < longestMs
}

function notAllowed(message: string): CallError {
  return new CallError(403, 'ContentStreamNotAllowed', message)
}
