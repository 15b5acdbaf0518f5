import type { Clock } from '../lib/clock.ts'
import { describeError } from '../lib/errors.ts'
import { parseJson } from '../lib/json.ts'
import type { Logger } from '../lib/log.ts'
import { describeIssues } from '../lib/zod-issues.ts'
import type { Row, ServingEndpoints } from '../mlflow/serving.ts'
import { ServingError } from '../mlflow/serving/serving-error.ts'
import { Deck } from '../render/deck.ts'
import type { Renderer } from '../render/renderer.ts'
import { RowAnswer } from '../served-agent/row.ts'
import type { Agent } from './agent.ts'
import { brokenTurn, isStopped } from './broken-turn.ts'
import { DeployedTurnError } from './deployed-turn-error.ts'
import { toOutcome, type Answered } from './endpoint-outcome.ts'
import type { AgentEvent, Turn, TurnOutcome, Usage } from './events.ts'
import { nameSteps, type Journal } from './journal.ts'
import { turnEvents } from './turn-events.ts'

export interface EndpointAgentDeps {
  readonly endpoints: Pick<ServingEndpoints, 'invoke'>
  readonly endpointName: string
  /** Longest wait for one answer, a cold start included. */
  readonly timeoutMs: number
  /** Answers when the endpoint gives no answer; left out: the turn fails. */
  readonly fallback?: Agent
  readonly renderer: Renderer
  readonly clock: Clock
  readonly log: Logger
}

/** An answer without a cold start often takes this long: people are told of waiting after it. */
const noticeMs = 15_000
/** The answer says nothing of what it cost. */
const unknownUsage: Usage = { inputTokens: 0, outputTokens: 0, costUsd: 0 }

/**
 * The agent that is deployed behind a serving endpoint: a turn is one request, and what the thread knows of its
 * conversation and deck goes with it. Files are made here, from the deck that comes back. A turn that is taken over
 * takes an answer that is known from its journal.
 */
export function createEndpointAgent(deps: EndpointAgentDeps): Agent {
  const { clock, log, fallback } = deps

  async function run(
    turn: Turn,
    emit: (event: AgentEvent) => void,
    signal: AbortSignal,
    journal: Journal | undefined,
  ): Promise<TurnOutcome> {
    const startedAt = clock.now()
    emit({ type: 'turn-start', traceId: '', traceUrl: '' })
    let answered: Answered | undefined
    try {
      await turn.watch?.before?.(unknownUsage)
      emit({ type: 'stage-start', stage: 'tool_execution_loop' })
      try {
        answered = await ask(turn, emit, signal, journal)
      } finally {
        emit({ type: 'stage-end', stage: 'tool_execution_loop', ok: answered !== undefined })
      }
      const deckMs = clock.now() - startedAt
      if (answered.deck) await renderDeck(answered.deck, turn, emit, signal)
      return toOutcome(turn, answered, { deckMs, totalMs: clock.now() - startedAt })
    } catch (error) {
      const isDown = !answered && error instanceof ServingError
      if (isDown && fallback && !signal.aborted) {
        log.warn(
          { turn: turn.id, error: describeError(error) },
          'The endpoint gives no answer: answering in this process',
        )
        return await answerHere(fallback, turn, emit, signal, journal)
      }
      if (!isStopped(signal)) log.error({ turn: turn.id, error: describeError(error) }, 'Turn failed')
      const traced = error instanceof DeployedTurnError ? error.trace : { traceId: '', traceUrl: '' }
      return {
        ...brokenTurn(turn, error, signal),
        ...traced,
        runId: Promise.resolve(''),
        usage: unknownUsage,
        timingsMs: { firstAnswer: 0, deck: 0, total: clock.now() - startedAt },
      }
    }
  }

  /** @throws ServingError when nothing was answered; DeployedTurnError when the turn failed there */
  async function ask(
    turn: Turn,
    emit: (event: AgentEvent) => void,
    signal: AbortSignal,
    journal: Journal | undefined,
  ): Promise<Answered> {
    const row = toRow(turn)
    const step = nameSteps('endpoint')(row)
    const known = RowAnswer.safeParse(await journal?.get(step)).data
    const answer = known ?? (await invoke(row, emit, signal))
    if (!known) await journal?.put(step, answer)
    return read(answer, turn)
  }

  async function invoke(row: Row, emit: (event: AgentEvent) => void, signal: AbortSignal): Promise<RowAnswer> {
    const { endpointName, timeoutMs } = deps
    const ended = new AbortController()
    const late = new AbortController()
    const after = (ms: number, then: () => void): void => {
      clock.sleep(ms, ended.signal).then(then, () => undefined)
    }
    let isTold = false
    const tell = (status: 'ENDPOINT_WAKES_UP' | 'WAITING_FOR_ENDPOINT'): void => {
      if (isTold) return
      isTold = true
      emit({ type: 'query-status', number: 1, status })
    }
    after(noticeMs, () => tell('WAITING_FOR_ENDPOINT'))
    after(timeoutMs, () => late.abort(tooLate(endpointName, timeoutMs)))
    try {
      const { predictions } = await deps.endpoints.invoke(endpointName, [row], {
        signal: AbortSignal.any([signal, late.signal]),
        timeoutMs,
        coldStartMs: timeoutMs,
        onColdStart: () => tell('ENDPOINT_WAKES_UP'),
      })
      const parsed = RowAnswer.safeParse(predictions[0])
      if (!parsed.success) throw unreadable(endpointName, describeIssues(parsed.error))
      // It was stopped there, and nobody here asked for that: the model's own time was up.
      if (parsed.data.status === 'stopped') throw tooLate(endpointName, timeoutMs)
      return parsed.data
    } finally {
      ended.abort(new DOMException('The endpoint has answered', 'AbortError'))
    }
  }

  function read(answer: RowAnswer, turn: Turn): Answered {
    if (answer.error !== '') throw new DeployedTurnError(deps.endpointName, answer)
    // A turn that made no deck sends back the one that it was given, and no page.
    if (answer.html === '') return { answer }
    const deck = Deck.safeParse(parseJson(answer.deck))
    if (!deck.success) throw unreadable(deps.endpointName, `deck: ${describeIssues(deck.error)}`)
    return { answer, deck: turn.deckUrl ? { ...deck.data, deckUrl: turn.deckUrl(deck.data.version) } : deck.data }
  }

  async function renderDeck(
    deck: Deck,
    turn: Turn,
    emit: (event: AgentEvent) => void,
    signal: AbortSignal,
  ): Promise<void> {
    emit({ type: 'deck', deck })
    emit({ type: 'stage-start', stage: 'render' })
    let ok = false
    try {
      for await (const file of deps.renderer.render(deck, turn.formats, signal)) emit({ type: 'file', file })
      ok = true
    } finally {
      emit({ type: 'stage-end', stage: 'render', ok })
    }
  }

  return {
    answer: (turn, signal, journal) => turnEvents((emit, within) => run(turn, emit, within, journal), signal),
  }
}

/** The other agent's turn as a part of this one: its end is this one's. */
async function answerHere(
  agent: Agent,
  turn: Turn,
  emit: (event: AgentEvent) => void,
  signal: AbortSignal,
  journal: Journal | undefined,
): Promise<TurnOutcome> {
  for await (const event of agent.answer(turn, signal, journal)) {
    if (event.type === 'done') return event.outcome
    emit(event)
  }
  throw new Error('The agent ended a turn without an outcome')
}

function toRow({ question, maxSlides, spaceId, memory }: Turn): Row {
  const { genieConversationId: conversationId, deck } = memory
  return {
    question,
    max_slides: maxSlides,
    ...(spaceId === '' ? {} : { genie_space_id: spaceId }),
    ...(conversationId === undefined || memory.spaceId !== spaceId ? {} : { genie_conversation_id: conversationId }),
    ...(deck ? { deck: JSON.stringify(deck) } : {}),
  }
}

function tooLate(endpoint: string, timeoutMs: number): ServingError {
  return new ServingError('timeout', `Endpoint ${endpoint} gave no answer in time, expected one in ${timeoutMs} ms`, {
    userMessage: 'The deployed agent did not answer in time. Please try again in a minute.',
  })
}

function unreadable(endpoint: string, problem: string): ServingError {
  return new ServingError('model-failed', `Endpoint ${endpoint} answered a row that cannot be read: ${problem}`, {
    userMessage: 'The deployed agent gave an answer that we cannot read. Please tell your administrator.',
  })
}
