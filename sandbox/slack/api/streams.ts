import { messageLimits } from '../blocks/limits.ts'
import type { Block, Message } from '../contract.ts'
import { isRecord, list, string } from '../../local/json.ts'
import type { State } from '../state.ts'
import { type ChatHooks, clearStatus } from './chat.ts'
import { readBlocks, readThreadTs } from './content.ts'
import { invalidArguments, SlackError } from './error.ts'
import { toMessageObject } from './message-object.ts'
import type { Call, MethodDeps, Methods } from './method.ts'
import { joinedChannelOf } from './places.ts'

/** Slack closes a stream this long after its start, however busy it is (node-slack-sdk#2702). */
const streamTtlMs = 5 * 60_000
/** All that was streamed, in bytes of UTF-8; details and output of tasks count double. Observed, not documented. */
const streamBytes = 11_000

interface Stream {
  readonly startedAt: number
  text: string
  readonly tasks: Map<string, Readonly<Record<string, unknown>>>
  planTitle: string
  blocks: readonly Block[]
  bytes: number
}

/** Messages that grow while they are written. */
export function streamMethods({ state, hooks }: MethodDeps & { readonly hooks: ChatHooks }): Methods {
  const streams = new Map<string, Stream>()
  const scopes = ['chat:write']

  function running(call: Call): { readonly message: Message; readonly stream: Stream } {
    const channel = joinedChannelOf(state, call.team, call.args.required('channel'))
    const message = state.find(channel.id, call.args.required('ts'))
    if (!message) throw new SlackError('message_not_found')
    const stream = streams.get(`${channel.id} ${message.ts}`)
    if (!stream || !message.isStreaming) throw new SlackError('message_not_in_streaming_state')
    if (state.time.now() - stream.startedAt >= streamTtlMs) {
      state.change(message, { isStreaming: false, earlier: message.earlier })
      throw new SlackError('message_not_in_streaming_state')
    }
    return { message, stream }
  }

  /** Adds text, or chunks, but never both. */
  function take(call: Call, stream: Stream): void {
    const { args, team } = call
    if (args.isSet('markdown_text') && args.isSet('chunks'))
      throw invalidArguments('markdown_text and chunks exclude each other')
    const chunks = args.isSet('markdown_text')
      ? [{ type: 'markdown_text', text: args.text('markdown_text') }]
      : list(args.structure('chunks'))
    for (const chunk of chunks) {
      if (!isRecord(chunk)) throw new SlackError('invalid_chunks')
      takeChunk(stream, chunk, team.ids.team)
    }
    if (stream.bytes > streamBytes) throw new SlackError('msg_too_long')
  }

  function takeChunk(stream: Stream, chunk: Readonly<Record<string, unknown>>, team: string): void {
    const bytesOf = (name: string): number => Buffer.byteLength(JSON.stringify(chunk[name] ?? '')) - 2
    switch (chunk['type']) {
      case 'markdown_text': {
        if (typeof chunk['text'] !== 'string') throw new SlackError('invalid_chunks')
        if (chunk['text'].length > messageLimits.markdownText) throw new SlackError('msg_too_long')
        stream.text += chunk['text']
        stream.bytes += bytesOf('text')
        return
      }
      case 'task_update': {
        const { id, title, status } = chunk
        const isWhole = typeof id === 'string' && typeof title === 'string'
        if (!isWhole || !['pending', 'in_progress', 'complete', 'error'].includes(String(status))) {
          throw new SlackError('invalid_chunks')
        }
        stream.tasks.set(id, { ...stream.tasks.get(id), ...chunk })
        stream.bytes += bytesOf('title') + 2 * (bytesOf('details') + bytesOf('output'))
        return
      }
      case 'plan_update':
        stream.planTitle = string(chunk['title'])
        stream.bytes += bytesOf('title')
        return
      case 'blocks':
        stream.blocks = [...stream.blocks, ...readBlocks(state, team, chunk['blocks'], 'message')]
        return
      default:
        throw new SlackError('invalid_chunks')
    }
  }

  return {
    'chat.startStream': {
      scopes,
      tier: 2,
      handle(call) {
        const { args, team } = call
        const channel = joinedChannelOf(state, team, args.required('channel'))
        if (channel.kind !== 'im' && !args.isSet('recipient_user_id')) throw new SlackError('missing_recipient_user_id')
        if (channel.kind !== 'im' && !args.isSet('recipient_team_id')) throw new SlackError('missing_recipient_team_id')
        const threadTs = readThreadTs(args)
        const stream: Stream = {
          startedAt: state.time.now(),
          text: '',
          tasks: new Map(),
          planTitle: '',
          blocks: [],
          bytes: 0,
        }
        take(call, stream)
        const message = state.post({
          channel: channel.id,
          user: team.ids.botUser,
          botId: team.ids.bot,
          text: stream.text,
          blocks: toBlocks(state, stream),
          isStreaming: true,
          ...(threadTs === undefined ? {} : { threadTs }),
        })
        streams.set(`${channel.id} ${message.ts}`, stream)
        clearStatus(state, message)
        return { channel: channel.id, ts: message.ts }
      },
    },
    'chat.appendStream': {
      scopes,
      tier: 4,
      handle(call) {
        const { message, stream } = running(call)
        take(call, stream)
        state.change(message, { text: stream.text, blocks: toBlocks(state, stream) })
        return { channel: message.channel, ts: message.ts }
      },
    },
    'chat.stopStream': {
      scopes,
      tier: 2,
      handle(call) {
        const { message, stream } = running(call)
        take(call, stream)
        const { args, team } = call
        const last = args.isSet('blocks') ? readBlocks(state, team.ids.team, args.structure('blocks'), 'message') : []
        const stopped = state.change(message, {
          text: stream.text,
          blocks: [...toBlocks(state, stream), ...last],
          isStreaming: false,
          ...(args.isSet('metadata')
            ? { metadata: args.structure('metadata') as NonNullable<Message['metadata']> }
            : {}),
        })
        streams.delete(`${message.channel} ${message.ts}`)
        hooks.posted(stopped)
        return { channel: message.channel, ts: message.ts, message: toMessageObject(state, stopped) }
      },
    },
  }
}

/** What a stream shows: its tasks, its text, and the blocks sent with it. */
function toBlocks(state: State, stream: Stream): readonly Block[] {
  const tasks = [...stream.tasks.values()].map((task) => ({
    type: 'task_card',
    task_id: String(task['id']),
    title: String(task['title']),
    status: String(task['status']),
    ...(typeof task['details'] === 'string' ? { details: richText(task['details']) } : {}),
    ...(typeof task['output'] === 'string' ? { output: richText(task['output']) } : {}),
  }))
  const id = (): string => state.ids.next('b').toLowerCase()
  return [
    ...(stream.planTitle !== '' ? [{ type: 'plan', block_id: id(), title: stream.planTitle, tasks }] : tasks),
    ...(stream.text === '' ? [] : [{ type: 'markdown', block_id: id(), text: stream.text }]),
    ...stream.blocks,
  ]
}

const richText = (text: string) => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }],
})
