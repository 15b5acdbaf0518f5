import { isRecord, list, string } from '../../local/json.ts'
import { invalidArguments } from './error.ts'
import type { MethodDeps, Methods } from './method.ts'
import { channelOf } from './places.ts'

/** A status goes by itself after this long. */
const statusTtlMs = 2 * 60_000
const mostPrompts = 4
const mostLoadingMessages = 10

/** Status, prompts and title of threads with the app. */
export function assistantMethods({ state }: MethodDeps): Methods {
  const scopes = ['chat:write', 'assistant:write']
  return {
    'assistant.threads.setStatus': {
      scopes,
      tier: 'none',
      handle({ args, team }) {
        const channel = channelOf(state, team, args.required('channel_id'))
        const threadTs = args.required('thread_ts')
        if (list(args.structure('loading_messages')).length > mostLoadingMessages) {
          throw invalidArguments(`no more than ${mostLoadingMessages} items allowed [json-pointer:/loading_messages]`)
        }
        const text = args.text('status')
        const key = `${channel.id} ${threadTs}`
        if (text === '') state.statuses.delete(key)
        else state.statuses.set(key, { text, until: state.time.now() + statusTtlMs })
        state.notify({ kind: 'status', channel: channel.id, threadTs })
        return {}
      },
    },
    'assistant.threads.setSuggestedPrompts': {
      scopes,
      tier: 'none',
      handle({ args, team }) {
        const channel = channelOf(state, team, args.required('channel_id'))
        const prompts = list(args.structure('prompts'))
          .filter(isRecord)
          .map((prompt) => ({ title: string(prompt['title']), message: string(prompt['message']) }))
        if (prompts.length > mostPrompts) {
          throw invalidArguments(`no more than ${mostPrompts} items allowed [json-pointer:/prompts]`)
        }
        state.prompts.set(channel.id, prompts)
        state.notify({ kind: 'channels' })
        return {}
      },
    },
    'assistant.threads.setTitle': {
      scopes,
      tier: 'none',
      handle({ args, team }) {
        channelOf(state, team, args.required('channel_id'))
        args.required('thread_ts')
        args.required('title')
        return {}
      },
    },
  }
}
