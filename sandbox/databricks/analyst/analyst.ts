import type { ChatBrain, ChatBrainReply, ChatBrainRequest } from '../chat-brain.ts'
import { explanation, outline, synthesis, writeSlide } from './deck.ts'
import { readIntent } from './intent.ts'
import { section } from './prompt.ts'
import { refinement } from './refine.ts'
import { verdict } from './verdict.ts'

/**
 * The sandbox's chat model: a deterministic analyst that fills the same schemas as a real model, from nothing but the
 * prompt it is given. It understands the prompts of `config/prompts.yaml`; to anything else it says so.
 */
export function createAnalyst(): ChatBrain {
  return async (request) => (request.tools ? useTools(request) : fillSchema(request))
}

function fillSchema(request: ChatBrainRequest): ChatBrainReply {
  const name = request.response_format?.type === 'json_schema' ? request.response_format.json_schema.name : ''
  const value = valueFor(name, request)
  return {
    content:
      value === undefined ? 'I am the sandbox analyst and know only the prompts of Deckhand.' : JSON.stringify(value),
  }
}

function valueFor(name: string, request: ChatBrainRequest): unknown {
  if (name === 'intent') return readIntent(request)
  if (name === 'outline') return outline(request)
  if (name === 'refinement') return refinement(request)
  if (name === 'verdict') return verdict(request)
  if (name === 'synthesis') {
    return section(request, 'deck') === '' ? synthesis(request) : explanation(request)
  }
  const layout = /^slide_(\w+)$/.exec(name)?.[1]
  return layout === undefined ? undefined : writeSlide(request, layout)
}

/** Two ways to look deeper into a "why": the same measure by another dimension. Then it has enough. */
function useTools(request: ChatBrainRequest): ChatBrainReply {
  const asked = request.messages
    .flatMap((message) => message.tool_calls ?? [])
    .map((call) => call.function.arguments.toLowerCase())
  const answered = request.messages.findLast((message) => message.role === 'tool')?.content ?? ''
  const next = ['region', 'category', 'segment'].find(
    (dimension) => !asked.some((query) => query.includes(`by ${dimension}`)),
  )
  if (asked.length >= 3 || next === undefined) return { content: 'done' }
  const subject = subjectOf(section(request, 'question'))
  const query = answered === '' || asked.length === 0 ? `${subject} by month` : `${subject} by ${next}`
  const id = `call_${asked.length + 1}`
  return {
    content: null,
    tool_calls: [{ id, type: 'function', function: { name: 'query_genie', arguments: JSON.stringify({ query }) } }],
  }
}

/** "Why did revenue drop in Q3 2024?" is about "revenue in Q3 2024". */
function subjectOf(question: string): string {
  return question
    .replace(/[?!.\s]+$/, '')
    .replace(/^\s*(why|what drove|what caused|what explains|analy[sz]e|explain why)\s+/i, '')
    .replace(/^(did|does|do|has|have|is|was|were|the)\s+/i, '')
    .replace(
      /\b(drop|dropped|fall|fell|decline|declined|rise|rose|grow|grew|increase|increased|decrease|decreased|change|changed|go down|go up|so (low|high|bad|good))\b/gi,
      '',
    )
    .replace(/\s+/g, ' ')
    .trim()
}
