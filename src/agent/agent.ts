import { describeError } from '../lib/errors.ts'
import type { Clock } from '../lib/clock.ts'
import type { Tracing, TurnTrace } from '../mlflow/tracing.ts'
import { meterChatModel, type Price, type UsageMeter } from './call-llm.ts'
import { noteAsked } from './asked-genie.ts'
import { brokenTurn, isStopped } from './broken-turn.ts'
import type { AgentEvent, Turn, TurnOutcome } from './events.ts'
import type { Journal } from './journal.ts'
import { journalChatModel } from './journaled-chat-model.ts'
import { journalGenie } from './journaled-genie.ts'
import { watchPrompts } from './prompts.ts'
import { createRunReport } from './run-report.ts'
import { turnEvents } from './turn-events.ts'
import { runTurn, type TurnDeps } from './turn.ts'
import { watchChatModel } from './watched-chat-model.ts'

/** From a question to a deck. */
export interface Agent {
  /**
   * Runs one turn and tells what happens on the way. Never throws for what went wrong in the turn: the last event is
   * always `done`, with status `failed` or `stopped` where it did. Leaving the loop early cancels the turn. With a
   * `journal`, what an earlier run of the same turn has finished is taken from there.
   */
  answer(turn: Turn, signal: AbortSignal, journal?: Journal): AsyncIterable<AgentEvent>
}

export interface AgentDeps extends Omit<TurnDeps, 'tracer' | 'callLlm' | 'traceUrl' | 'report'> {
  readonly price: Price
  readonly tracing: Tracing
  /** dev, prod … as a tag of the trace. */
  readonly environment: string
}

export function createAgent(deps: AgentDeps): Agent {
  return {
    answer: (turn, signal, journal) => turnEvents((emit, within) => run(turn, emit, within, journal), signal),
  }

  async function run(
    turn: Turn,
    emit: (event: AgentEvent) => void,
    outer: AbortSignal,
    journal: Journal | undefined,
  ): Promise<TurnOutcome> {
    const startedAt = deps.clock.now()
    const ended = new AbortController()
    const signal = AbortSignal.any([outer, ended.signal])
    let trace: TurnTrace = { traceId: '', traceUrl: '', runId: Promise.resolve('') }
    const info = {
      question: turn.question,
      sessionId: turn.sessionId,
      userId: turn.userId,
      inputs: { question: turn.question, max_slides: turn.maxSlides, model_endpoint: deps.chatModel.name },
      tags: {
        environment: deps.environment,
        platform: turn.platform,
        turn_id: turn.id,
        genie_space_id: turn.spaceId,
      },
      params: { max_slides: turn.maxSlides, genie_space_id: turn.spaceId, model_endpoint: deps.chatModel.name },
    }
    const clock = turn.askedAt === undefined ? deps.clock : clockFrom(turn.askedAt, deps.clock)
    const { genie, asked } = noteAsked(journal ? journalGenie(deps.genie, journal, deps.clock) : deps.genie)
    const watched = turn.watch
      ? watchChatModel(deps.chatModel, turn.watch, () => meter.usage(), deps.clock)
      : deps.chatModel
    const chatModel = journal ? journalChatModel(watched, journal) : watched
    const meter: UsageMeter = meterChatModel(chatModel, deps.tracing, deps.price)
    try {
      const result = await deps.tracing.turn(info, async (turnTrace, root, sink) => {
        trace = turnTrace
        emit({ type: 'turn-start', traceId: trace.traceId, traceUrl: trace.traceUrl })
        const language = turn.memory.language ?? deps.language
        const report = createRunReport(turn, sink, { startedAt, now: () => deps.clock.now(), language })
        const prompts = watchPrompts(deps.prompts, (name) => sink.prompt(name))
        const { traceUrl } = trace
        const own = { clock, genie, chatModel, prompts, report, tracer: deps.tracing, callLlm: meter.callLlm, traceUrl }
        const tell = (event: AgentEvent): void => {
          report.event(event)
          emit(event)
        }
        try {
          return await runTurn(turn, { ...deps, ...own }, tell, root, signal)
        } catch (error) {
          report.broken(isStopped(outer) ? 'stopped' : 'failed', error)
          throw error
        }
      })
      const { firstAnswerMs, deckMs, ...rest } = result
      return {
        ...rest,
        ...trace,
        askedGenie: asked(),
        usage: meter.usage(),
        errorCode: '',
        timingsMs: { firstAnswer: firstAnswerMs, deck: deckMs, total: deps.clock.now() - startedAt },
      }
    } catch (error) {
      if (!isStopped(outer)) deps.log.error({ turn: turn.id, error: describeError(error) }, 'Turn failed')
      return {
        ...brokenTurn(turn, error, outer),
        ...trace,
        askedGenie: asked(),
        usage: meter.usage(),
        timingsMs: { firstAnswer: 0, deck: 0, total: deps.clock.now() - startedAt },
      }
    } finally {
      ended.abort(new DOMException('The turn has ended', 'AbortError'))
    }
  }
}

/** A turn is run in the time it was asked at, whenever that is: "this month" means the same in each run of it. */
function clockFrom(askedAt: number, clock: Clock): Clock {
  const startedAt = clock.now()
  return { now: () => askedAt + clock.now() - startedAt, sleep: (ms, signal) => clock.sleep(ms, signal) }
}
