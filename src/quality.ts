import type { Agent } from './agent/agent.ts'
import { createChatModel } from './agent/chat-model/databricks.ts'
import { createGenieRatings } from './agent/genie/rating.ts'
import { createJudge } from './agent/judge.ts'
import { createJudgedAgent } from './agent/judged-agent.ts'
import { createFeedbackStore } from './bot/feedback.ts'
import { createFeedbackOutbox, type FeedbackOutbox } from './bot/feedback/outbox.ts'
import { createTellOpinions } from './bot/feedback/tell-opinions.ts'
import { createTraceOpinions } from './bot/feedback/trace-opinions.ts'
import { createKeepJudgement } from './bot/keep-judgement.ts'
import type { Metrics } from './bot/metrics.ts'
import type { Replies } from './bot/replies.ts'
import { collectTurn } from './eval/collect.ts'
import { EvalError } from './eval/eval-error.ts'
import type { Environment } from './lib/config-file.ts'
import type { Clock } from './lib/clock.ts'
import type { Credentials } from './lib/databricks/credentials.ts'
import { createDatabricksRest } from './lib/databricks/rest.ts'
import type { HttpClient } from './lib/http.ts'
import type { Logger } from './lib/log.ts'
import type { Redis } from 'ioredis'
import { chooseBackend } from './mlflow/choose-backend.ts'
import { experimentNameOf } from './mlflow/experiment-name.ts'
import { isRefusal, MlflowError } from './mlflow/mlflow-error.ts'
import { createMlflowRecords, type MlflowRecords } from './mlflow/records.ts'
import { redactSecretsOf } from './redact-secrets.ts'
import type { Settings } from './settings.ts'

/** A score and two sentences. */
const judgeMaxTokens = 512

interface RecordsDeps {
  readonly http: HttpClient
  readonly credentials: Credentials
  readonly clock: Clock
  readonly log: Logger
}

/** What the configured MLflow holds about turns; undefined where traces stay on disk, because there is none. */
export function createRecords(settings: Settings, env: Environment, deps: RecordsDeps): MlflowRecords | undefined {
  const { mlflow, credentials } = settings
  const backend = chooseBackend(
    {
      trackingUri: mlflow.trackingUri,
      spanFormat: mlflow.tracing.backend,
      username: credentials.mlflowUsername,
      password: credentials.mlflowPassword,
      token: credentials.mlflowToken,
    },
    { ...deps, workspace: { host: settings.databricks.host, credentials: deps.credentials } },
  )
  if (!backend) return undefined
  const redact = redactSecretsOf(env)
  return createMlflowRecords({ backend, experimentName: experimentNameOf(settings), redact })
}

/** Tells MLflow and Genie what people think of answers, for as long as it lives. */
export function startFeedback(
  settings: Settings,
  env: Environment,
  deps: RecordsDeps & { readonly redis: Redis; readonly replies: Replies },
): FeedbackOutbox {
  const { clock, log, redis, replies } = deps
  const records = createRecords(settings, env, deps)
  const { collectedSet, collectBadAnswers } = settings.mlflow.evaluation
  const rest = createDatabricksRest({ ...deps, host: settings.databricks.host })
  const ratings = createGenieRatings({ rest })
  const tell = createTellOpinions({
    feedback: createFeedbackStore({ redis, ttlMs: settings.agent.threadTtlMs }),
    replies,
    readers: {
      genie: async (asked, rating, comment, signal) => {
        const isTaken = await ratings.rate(asked, rating, comment, signal)
        if (!isTaken) log.info({ message: asked.messageId }, 'Genie does not take a rating of a message')
        return 'done'
      },
      trace: records ? createTraceOpinions({ records, clock, log }) : async () => 'done',
      ...(records && collectBadAnswers
        ? { collect: (traceId, signal) => collect(traceId, collectedSet, records, signal) }
        : {}),
    },
    log,
  })
  return createFeedbackOutbox({ redis, tell, clock, log })
}

async function collect(
  traceId: string,
  set: string,
  records: MlflowRecords,
  signal: AbortSignal,
): Promise<'done' | 'later'> {
  try {
    await collectTurn(traceId, set, records, signal)
    return 'done'
  } catch (error) {
    if (error instanceof EvalError) return 'done' // a turn without its question is none to ask again
    if (error instanceof MlflowError && !isRefusal(error)) return 'later'
    throw error
  }
}

/** The same agent, with a sample of its answers judged; the agent itself where the judge is off, or has nobody to tell. */
export function withJudge(
  agent: Agent,
  settings: Settings,
  env: Environment,
  deps: RecordsDeps & { readonly metrics: Metrics },
): Agent & AsyncDisposable {
  const { clock, log, http, metrics } = deps
  const { judge } = settings.mlflow.evaluation
  const records =
    judge.sampleRate > 0 && settings.mlflow.tracing.enabled ? createRecords(settings, env, deps) : undefined
  if (!records) {
    return { answer: (turn, signal, journal) => agent.answer(turn, signal, journal), async [Symbol.asyncDispose]() {} }
  }
  const { llm } = settings
  const chatModel = createChatModel({
    name: judge.endpoint || llm.endpoint,
    ...(llm.baseUrl === ''
      ? { rest: createDatabricksRest({ ...deps, host: settings.databricks.host }) }
      : { baseUrl: llm.baseUrl, apiKey: settings.credentials.llmApiKey, http }),
    temperature: 0,
    maxTokens: judgeMaxTokens,
    timeoutMs: judge.timeoutMs,
    clock,
    log,
  })
  return createJudgedAgent({
    agent,
    judge: createJudge({ chatModel, prompts: settings.prompts, price: llm.usdPerMillionTokens }),
    sampleRate: judge.sampleRate,
    timeoutMs: judge.timeoutMs,
    language: settings.output.language,
    keep: createKeepJudgement({ records, metrics, clock }),
    log,
  })
}
