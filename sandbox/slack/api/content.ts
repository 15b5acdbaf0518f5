import type { Block, Message } from '../contract.ts'
import type { State } from '../state.ts'
import { messageLimits } from '../blocks/limits.ts'
import { sizeOfBlocks, validateBlocks } from '../blocks/validate.ts'
import type { Args } from './args.ts'
import { SlackError } from './error.ts'

/** What a message says, out of the arguments of a call. Fields that were not given are undefined. */
export interface Content {
  readonly text: string | undefined
  readonly blocks: readonly Block[] | undefined
  readonly metadata: Message['metadata'] | undefined
}

/** @throws SlackError for blocks, texts and metadata that Slack does not take */
export function readContent(state: State, team: string, args: Args): Content {
  if (args.isSet('markdown_text') && (args.isSet('text') || args.isSet('blocks')))
    throw new SlackError('markdown_text_conflict')
  const markdown = args.text('markdown_text')
  if (markdown.length > messageLimits.markdownText) throw new SlackError('msg_too_long')
  const blocks = args.isSet('blocks') ? readBlocks(state, team, args.structure('blocks'), 'message') : undefined
  return {
    text: args.isSet('markdown_text') ? markdown : args.isSet('text') ? args.text('text') : undefined,
    blocks: args.isSet('markdown_text')
      ? readBlocks(state, team, [{ type: 'markdown', text: markdown }], 'message')
      : blocks,
    metadata: args.isSet('metadata') ? readMetadata(args.structure('metadata')) : undefined,
  }
}

/** Blocks that may be shown there, each with a block id. @throws SlackError `invalid_blocks` with what is wrong where */
export function readBlocks(state: State, team: string, value: unknown, surface: 'message' | 'modal'): readonly Block[] {
  if (!Array.isArray(value)) throw new SlackError('invalid_blocks_format')
  const problems = validateBlocks(value, {
    surface,
    fileState(id) {
      const file = state.files.get(id)
      if (!file || file.team !== team) return 'unknown'
      return file.isReady ? 'ready' : 'processing'
    },
  })
  if (problems.length > 0) {
    throw new SlackError('invalid_blocks', {
      errors: problems,
      response_metadata: { messages: problems.map((problem) => `[ERROR] ${problem}`) },
    })
  }
  // The check above has seen every block to be a record with a type
  const blocks = value as readonly Block[]
  if (surface === 'message' && blocks.filter(({ type }) => type === 'table').length > 1) {
    throw new SlackError('invalid_attachments', { response_metadata: { messages: ['[ERROR] only_one_table_allowed'] } })
  }
  if (surface === 'message' && sizeOfBlocks(blocks) > messageLimits.blocksTotal)
    throw new SlackError('msg_blocks_too_long')
  return blocks.map((block) => ({ ...block, block_id: block['block_id'] ?? state.ids.next('b').toLowerCase() }))
}

function readMetadata(value: unknown): NonNullable<Message['metadata']> {
  const problem = 'invalid_metadata_format'
  if (typeof value !== 'object' || value === null) throw new SlackError(problem)
  const { event_type: type, event_payload: payload } = value as Record<string, unknown>
  if (typeof type !== 'string' || type === '' || typeof payload !== 'object' || payload === null)
    throw new SlackError(problem)
  if (JSON.stringify(value).length > messageLimits.metadata) throw new SlackError('metadata_too_large')
  return { event_type: type, event_payload: payload as Record<string, unknown> }
}

/** @throws SlackError when `thread_ts` is no timestamp */
export function readThreadTs(args: Args): string | undefined {
  const threadTs = args.text('thread_ts')
  if (threadTs === '') return undefined
  if (!/^\d{10}\.\d{6}$/.test(threadTs)) throw new SlackError('invalid_thread_ts')
  return threadTs
}
