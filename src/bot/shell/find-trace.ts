import { DeckhandError } from '../../lib/errors.ts'
import type { StoredAssessment } from '../../mlflow/assessments.ts'
import { MlflowError } from '../../mlflow/mlflow-error.ts'
import type { MlflowRecords } from '../../mlflow/records.ts'
import type { FoundTrace } from '../../mlflow/trace-search.ts'
import { turnIdAt } from '../chat/place.ts'
import { parseSlackLink } from '../slack/message-link.ts'
import { parseTeamsLink } from '../teams/message-link.ts'
import { encodeThreadId } from '../thread.ts'
import { printable } from './printable.ts'

/** A turn is not to be found. */
export class TraceNotFound extends DeckhandError {
  override readonly name = 'TraceNotFound'
  readonly code: 'not-found' | 'usage'

  constructor(code: TraceNotFound['code'], userMessage: string, cause?: unknown) {
    super(userMessage, { userMessage, cause })
    this.code = code
  }
}

/** What `deckhand trace --json` prints. */
export interface TraceReport {
  readonly trace_id: string
  readonly trace_url: string
  readonly run_id: string
  readonly run_url: string
  readonly question: string
  /** OK, ERROR, or IN_PROGRESS while its end has not arrived. */
  readonly state: string
  /** Of a failed turn its error's type and code; '' of others. */
  readonly error: string
  /** What the person was told, or why there was nothing to tell; cut, and '' when contents are not captured. */
  readonly answer: string
  readonly tokens: number
  readonly cost_usd: number
  /** ISO 8601. */
  readonly started_at: string
  readonly seconds: number
  readonly user: string
  readonly thread: string
  readonly turn_id: string
  /** What is said about it now: by people, by code and by models. */
  readonly assessments: readonly {
    readonly name: string
    readonly by: string
    readonly value: StoredAssessment['value']
    readonly why: string
  }[]
  /** Traces of its other turns. */
  readonly other_turns_in_thread: number
}

type Records = Pick<MlflowRecords, 'experiment' | 'traces' | 'assessments' | 'links'>

/**
 * Finds a turn by what a person has at hand: the link of a message in Slack or Teams (the question or the reply to it), a
 * turn id, a trace id, or a run id. Asks MLflow only, so it works without Redis.
 * @throws TraceNotFound, MlflowError
 */
export async function findTrace(text: string, records: Records, signal: AbortSignal): Promise<TraceReport> {
  const trace = await search(text.trim(), records, signal)
  if (!trace) throw new TraceNotFound('not-found', `MLflow has no trace of ${printable(text.trim())} (yet).`)
  const experiment = await records.experiment(signal)
  const home = trace.experimentId === '' ? experiment : { ...experiment, id: trace.experimentId }
  const { feedback } = await records.assessments.list(trace.traceId, signal)
  const others =
    trace.sessionId === '' ? [trace] : await records.traces.find(home.id, { sessionId: trace.sessionId }, signal)
  return {
    trace_id: trace.traceId,
    trace_url: records.links.trace(home, trace.traceId),
    run_id: trace.runId,
    run_url: trace.runId === '' ? '' : records.links.run(home, trace.runId),
    question: trace.question,
    state: trace.state,
    error: [trace.tags['error_type'], trace.tags['error_code']].filter((word) => word !== undefined).join(' '),
    answer: trace.response,
    tokens: trace.tokens,
    cost_usd: trace.costUsd,
    started_at: new Date(trace.startedAt).toISOString(),
    seconds: Number((trace.durationMs / 1000).toFixed(3)),
    user: trace.userId,
    thread: trace.sessionId,
    turn_id: trace.tags['turn_id'] ?? '',
    assessments: feedback
      .filter(({ isValid }) => isValid)
      .map(({ name, source, value, rationale }) => ({ name, by: source.id, value, why: rationale })),
    other_turns_in_thread: Math.max(0, others.length - 1),
  }
}

/** As a person reads it in a terminal. */
export function traceAsText(report: TraceReport): string {
  const others = report.other_turns_in_thread
  const lines = [
    `Question ${printable(report.question || '(not captured)')}`,
    `Asked    ${report.started_at} by ${printable(report.user)}, took ${report.seconds.toFixed(1)} s`,
    `Status   ${report.state}${report.error === '' ? '' : ` (${printable(report.error)})`}`,
    ...(report.answer === ''
      ? []
      : [`${report.state === 'ERROR' ? 'Reason' : 'Answer'}   ${printable(report.answer)}`]),
    `Used     ${report.tokens.toLocaleString('en-US')} tokens, $${report.cost_usd.toFixed(4)}`,
    `Trace    ${report.trace_url}`,
    ...(report.run_url === '' ? [] : [`Run      ${report.run_url}`]),
    `Thread   ${report.thread} (${others === 1 ? '1 other turn' : `${others} other turns`})`,
  ]
  const said = report.assessments.map(({ name, by, value, why }) => {
    const reason = why === '' ? '' : `: ${printable(why)}`
    return `         ${printable(name)} = ${printable(String(value))} (${printable(by)})${reason}`
  })
  return [...lines, ...(said.length > 0 ? ['Said'] : []), ...said].join('\n')
}

async function search(
  text: string,
  { experiment, traces }: Records,
  signal: AbortSignal,
): Promise<FoundTrace | undefined> {
  if (/^tr-[0-9a-f]{32}$/.test(text)) return unlessMissing(traces.get(text, signal))
  const { id } = await experiment(signal)
  const first = async (filter: Parameters<typeof traces.find>[1]): Promise<FoundTrace | undefined> =>
    (await traces.find(id, filter, signal, 1))[0]

  const slack = parseSlackLink(text)
  if (slack) {
    const { channel, ts, root } = slack
    // A turn's id goes on after the message's, where it was asked with a button.
    const asked = await first({ tags: { turn_id: { like: `slack-%-${channel}-${ts}%` } } })
    if (asked) return asked
    const thread = encodeThreadId({ platform: 'slack', tenant: '%', channel, root })
    const inThread = await traces.find(id, { sessionId: { like: thread.replaceAll('%25', '%') } }, signal)
    return askedBefore(inThread, Number(ts) * 1000)
  }
  const teams = parseTeamsLink(text)
  if (teams) {
    const { tenant, channel, id: message, root } = teams
    const asked = await first({ tags: { turn_id: turnIdAt({ platform: 'teams', tenant, channel, id: message }) } })
    if (asked) return asked
    // Chats have no reply chains: there the link names no thread, and its turns are looked for in all of the chat.
    const like = encodeThreadId({ platform: 'teams', tenant, channel, root: root === message ? '%' : root })
    const inThread = await traces.find(id, { sessionId: { like: like.replaceAll('%25', '%') } }, signal)
    return askedBefore(inThread, Number(message))
  }
  if (/^https?:/.test(text)) {
    throw new TraceNotFound('usage', 'That is no link of a message in Slack or Teams. Copy it from the message’s menu.')
  }
  if (/^[0-9a-f]{32}$/.test(text)) return first({ runId: text })
  return first({ tags: { turn_id: text } })
}

/**
 * Which of a thread's turns a reply belongs to: the one that was asked for last before the reply was written, even if it
 * had to wait in line after that. Where another worker took that turn over, its last trace: the reply shows what came of
 * it in the end. `at` in milliseconds since the epoch.
 */
function askedBefore(newestFirst: readonly FoundTrace[], at: number): FoundTrace | undefined {
  const [asked] = newestFirst.filter((trace) => askedAt(trace) <= at).toSorted((a, b) => askedAt(b) - askedAt(a))
  const turnId = asked?.tags['turn_id']
  return turnId === undefined ? asked : newestFirst.find(({ tags }) => tags['turn_id'] === turnId)
}

/** In Slack a turn's id ends with when its question was written. */
function askedAt({ tags, startedAt }: FoundTrace): number {
  const seconds = /^slack-.*-(\d{10}\.\d{6})$/.exec(tags['turn_id'] ?? '')?.[1]
  if (seconds !== undefined) return Number(seconds) * 1000
  // Teams, or asked for with a button: the reply is posted a moment before the turn itself begins.
  const slackMs = 5000
  return startedAt - slackMs
}

async function unlessMissing(found: Promise<FoundTrace>): Promise<FoundTrace | undefined> {
  try {
    return await found
  } catch (error) {
    if (error instanceof MlflowError && error.code === 'not-found') return undefined
    throw error
  }
}
