import { z } from 'zod'
import type { Fact } from '../render/fact.ts'
import type { RichText } from '../render/deck.ts'
import { gatherEvidence, type Evidence, type EvidenceDeps } from './evidence.ts'
import type { Table } from '../render/table.ts'
import type { ChatMessage } from './chat-model/chat-model.ts'
import type { AgentEvent, Turn } from './events.ts'
import { buildFactSheet, describeFacts } from './facts.ts'
import type { Genie } from './genie/genie.ts'
import type { Intent } from './intent.ts'
import { headline } from './headline.ts'
import { fillPrompt } from './prompts.ts'
import {
  createGenieSession,
  failureForModel,
  queryGenieTool,
  type GenieSession,
  type QueryResult,
} from './query-genie.ts'
import { historyAsText, tablesAsText, today } from './turn-as-text.ts'

/** What the tool loop found. */
export type Gathered =
  | { readonly kind: 'data'; readonly evidence: Evidence; readonly headline: RichText }
  /** A query ran and found no rows. */
  | { readonly kind: 'empty'; readonly table: Table; readonly text: string }
  /** Genie answered in words; `asksBack` when it wants to know more. */
  | { readonly kind: 'words'; readonly text: string; readonly asksBack: boolean }
  /** The message turned out not to need data. */
  | { readonly kind: 'not-needed' }

export interface ToolLoopDeps extends EvidenceDeps {
  readonly genie: Genie
  readonly maxIterations: number
  readonly unverified: 'mark' | 'block'
}

export interface ToolLoop<T> {
  /** Resolves as soon as all data is there, while {@link ToolLoop.finished} may still go on. */
  readonly gathered: Promise<Gathered>
  /** Resolves with what `afterwards` made of the data, or undefined without data; rejects as `gathered` does. */
  readonly finished: Promise<T | undefined>
  readonly session: GenieSession
}

/**
 * The stage `tool_execution_loop`. With `ahead`, the person's own words go to Genie at once, while the intent is still
 * being read; what the intent then says decides what else is asked. `afterwards` (the synthesis) runs inside the stage's
 * span while the caller already goes on with the data.
 */
export function startToolLoop<T>(
  turn: Turn,
  spaceTitle: Promise<string>,
  intent: Promise<Intent>,
  ahead: boolean,
  afterwards: (evidence: Evidence) => Promise<T>,
  deps: ToolLoopDeps,
  emit: (event: AgentEvent) => void,
  signal: AbortSignal,
): ToolLoop<T> {
  const session = createGenieSession(turn, deps, emit, (table) => {
    const sheet = buildFactSheet([table], { today: today(deps.clock) })
    emit({ type: 'first-answer', headline: headline(sheet, [table]), table, facts: sheet.facts })
  })
  const ready = Promise.withResolvers<Gathered>()
  let iterations = 0
  // The rejection reaches the caller through `finished` too; whoever awaits only one of them must not crash the process.
  ready.promise.catch(() => undefined)

  async function gather(): Promise<Gathered> {
    iterations += 1
    const first = ahead ? await askAhead() : await session.ask((await intent).genie_question, signal)
    if (first === undefined) return { kind: 'not-needed' }
    const asksBack = first.answer.kind === 'text' && first.answer.asksBack
    const wanted = await intent
    if (!needsData(wanted)) return { kind: 'not-needed' }
    if (!asksBack) await askMore(wanted)
    const tables = session.results.flatMap((result) =>
      result.table && result.table.rows.length > 0 ? [result.table] : [],
    )
    if (tables.length === 0) {
      return first.table
        ? { kind: 'empty', table: first.table, text: first.answer.text }
        : { kind: 'words', text: first.answer.text, asksBack }
    }
    const sheet = buildFactSheet(tables, { today: today(deps.clock) })
    return { kind: 'data', evidence: gatherEvidence(tables, sheet, turn, deps), headline: headline(sheet, tables) }
  }

  /** Asks with the person's own words; stops waiting when the intent turns out to need no data, or cannot be read. */
  async function askAhead(): Promise<QueryResult | undefined> {
    const stopWaiting = new AbortController()
    const stop = (): void => stopWaiting.abort(new DOMException('The message needs no data', 'AbortError'))
    void intent.then((read) => (needsData(read) ? undefined : stop()), stop)
    try {
      return await session.ask(turn.question, AbortSignal.any([signal, stopWaiting.signal]))
    } catch (error) {
      signal.throwIfAborted()
      if (needsData(await intent)) throw error
      return undefined
    }
  }

  /** Further questions: those the person asked for, then, when the matter needs exploring, those the model wants. */
  async function askMore(wanted: Intent): Promise<void> {
    let left = deps.maxIterations - 1
    const transcript = [...session.results].map((result) => ({ query: result.query, content: forModel(result) }))
    for (const query of wanted.more_queries.slice(0, left)) {
      left -= 1
      iterations += 1
      transcript.push({ query, content: await askForModel(query) })
    }
    if (!wanted.explore) return
    const messages: ChatMessage[] = fillPrompt(deps.prompts, 'tool_loop', {
      question: turn.question,
      space: await spaceTitle,
      today: today(deps.clock),
      history: historyAsText(turn.memory),
    })
    transcript.forEach(({ query, content }, index) => {
      const id = `earlier_${index + 1}`
      const toolCalls = [{ id, name: queryGenieTool.name, arguments: JSON.stringify({ query }) }]
      messages.push({ role: 'assistant', content: '', toolCalls }, { role: 'tool', toolCallId: id, content })
    })
    while (left > 0) {
      const completion = await deps.callLlm({ messages, tools: [queryGenieTool], toolChoice: 'auto' }, signal)
      if (completion.toolCalls.length === 0) return
      iterations += 1
      messages.push({ role: 'assistant', content: completion.text, toolCalls: completion.toolCalls })
      for (const call of completion.toolCalls) {
        const content = left > 0 ? await runToolCall(call.name, call.arguments) : 'No more questions in this turn.'
        left -= 1
        messages.push({ role: 'tool', toolCallId: call.id, content })
      }
    }
  }

  async function runToolCall(name: string, argumentsText: string): Promise<string> {
    if (name !== queryGenieTool.name) return `There is no tool "${name}". The only tool is query_genie.`
    const parsed = ToolArguments.safeParse(argumentsText)
    if (!parsed.success) return 'The arguments must be JSON such as {"query":"Revenue by region in 2023"}.'
    return askForModel(parsed.data.query)
  }

  async function askForModel(query: string): Promise<string> {
    try {
      return forModel(await session.ask(query, signal))
    } catch (error) {
      signal.throwIfAborted()
      return failureForModel(error)
    }
  }

  function forModel(result: QueryResult): string {
    if (!result.table) return result.answer.text
    if (result.table.rows.length === 0) return 'The query ran and found no rows.'
    const sheet = buildFactSheet([result.table], { max: 60, today: today(deps.clock) })
    return `${describeFacts(sheet, { language: deps.language })}\n\n${tablesAsText([result.table], deps.sampleRows)}`
  }

  const finished = deps.tracer.span('tool_execution_loop', 'AGENT', { question: turn.question }, async (span) => {
    try {
      const gathered = await gather()
      ready.resolve(gathered)
      const made = gathered.kind === 'data' ? await afterwards(gathered.evidence) : undefined
      span.setOutputs({
        kind: gathered.kind,
        queries: session.results.map((result) => result.query),
        facts: gathered.kind === 'data' ? gathered.evidence.sheet.facts.map(factForTrace) : [],
      })
      return made
    } catch (error) {
      ready.reject(error)
      throw error
    } finally {
      span.setAttributes({ tool_iterations: iterations })
    }
  })
  finished.catch(() => undefined)
  return { gathered: ready.promise, finished, session }
}

export function needsData(intent: Intent): boolean {
  return intent.kind === 'data_question' || intent.kind === 'data_follow_up'
}

const ToolArguments = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown
    } catch {
      context.addIssue({ code: 'custom', message: 'not JSON' })
      return z.NEVER
    }
  })
  .pipe(z.object({ query: z.string().trim().min(1) }))

function factForTrace(fact: Fact): string {
  return `${fact.id} | ${fact.label} | ${fact.value} | ${fact.lineage.tableId}: ${fact.lineage.formula}`
}
