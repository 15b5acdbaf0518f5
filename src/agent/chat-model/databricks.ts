import type { Clock } from '../../lib/clock.ts'
import { createBearer } from '../../lib/databricks/credentials.ts'
import { DatabricksError } from '../../lib/databricks/error.ts'
import { createRest, restPath, type DatabricksRest } from '../../lib/databricks/rest.ts'
import { durationInWords } from '../../lib/duration.ts'
import type { HttpClient } from '../../lib/http.ts'
import { silentLogger, type Logger } from '../../lib/log.ts'
import type { Secret } from '../../lib/secret.ts'
import { ChatModelError, type ChatCompletion, type ChatModel, type ChatRequest } from './chat-model.ts'
import { fromWire, toWire, usualDialect, WireCompletion, type Dialect } from './wire.ts'

/** Where the model lives: a serving endpoint of the workspace, or any server that speaks OpenAI's chat completions. */
export type ChatModelPlace =
  | { readonly rest: DatabricksRest }
  | { readonly baseUrl: string; readonly apiKey?: Secret | undefined; readonly http: HttpClient }

export type ChatModelDeps = ChatModelPlace & {
  /** Serving endpoint, or the model's name on its server. */
  readonly name: string
  readonly maxTokens: number
  readonly temperature: number
  /** Longest wait for one call, pauses after 429 included. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly log?: Logger
}

/**
 * A language model behind chat completions. What a server refuses with 400 (a response format, a temperature, the name
 * of the token limit) is left out or said otherwise from then on.
 * @throws ChatModelError `no-access` when `baseUrl` is no plain address
 */
export function createChatModel(deps: ChatModelDeps): ChatModel {
  const { name, timeoutMs, maxTokens, temperature, log = silentLogger } = deps
  const inWorkspace = 'rest' in deps
  const rest = inWorkspace ? deps.rest : restAt(deps)
  const path = inWorkspace ? `${restPath('/serving-endpoints', name)}/invocations` : '/chat/completions'
  const defaults = { maxTokens, temperature, ...(inWorkspace ? {} : { model: name }) }
  let dialect = usualDialect

  async function send(
    request: ChatRequest,
    use: Dialect,
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<ChatCompletion> {
    const wire = await rest.call(
      {
        method: 'POST',
        path,
        body: toWire(request, defaults, use),
        schema: WireCompletion,
        timeoutMs: deadlineMs,
        attemptTimeoutMs: deadlineMs,
        retry: 'never-after-send',
      },
      signal,
    )
    return fromWire(wire, name)
  }

  return {
    name,
    async complete(request, signal) {
      const deadlineAt = deps.clock.now() + timeoutMs
      let use = dialect
      for (;;) {
        try {
          const completion = await send(request, use, Math.max(1, deadlineAt - deps.clock.now()), signal)
          if (use !== dialect) {
            dialect = learned(dialect, use)
            log.info({ model: name, dialect }, 'The model server wants to be asked differently')
          }
          return completion
        } catch (error) {
          const other = otherDialect(error, request, use)
          if (!other) throw toChatModelError(error, name)
          use = other
        }
      }
    },
  }
}

/** The next way of asking after a refusal, each tried once; undefined when the refusal is about something else. */
function otherDialect(error: unknown, request: ChatRequest, used: Dialect): Dialect | undefined {
  if (!(error instanceof DatabricksError) || error.code !== 'bad-request') return undefined
  const said = error.message
  if (used.tokenLimit === 'max_tokens' && said.includes('max_completion_tokens')) {
    return { ...used, tokenLimit: 'max_completion_tokens' }
  }
  if (used.temperature && /temperature/i.test(said)) return { ...used, temperature: false }
  // Servers refuse a response format in many words, some in none: try without it whatever the reason.
  if (used.structured === 'schema' && request.responseSchema && !request.tools?.length)
    return { ...used, structured: 'prompt' }
  return undefined
}

/** Calls run side by side, so what another one has learned meanwhile stays. */
function learned(known: Dialect, worked: Dialect): Dialect {
  return {
    structured: known.structured === 'prompt' ? 'prompt' : worked.structured,
    tokenLimit: known.tokenLimit === 'max_tokens' ? worked.tokenLimit : known.tokenLimit,
    temperature: known.temperature && worked.temperature,
  }
}

function restAt(deps: Extract<ChatModelDeps, { baseUrl: string }>): DatabricksRest {
  const url = URL.parse(deps.baseUrl)
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new ChatModelError(
      'no-access',
      'Cannot use llm.base_url: expected http(s)://host/path without a password (LLM_API_KEY holds the key)',
      {
        userMessage: 'The language model is not set up correctly. Please tell your administrator.',
      },
    )
  }
  const baseUrl = deps.baseUrl.replace(/\/+$/, '')
  const { http, clock, log = silentLogger } = deps
  return createRest({ baseUrl, credentials: createBearer(deps.apiKey), http, clock, log })
}

function toChatModelError(error: unknown, name: string): unknown {
  if (!(error instanceof DatabricksError)) return error
  const fail = (code: ChatModelError['code'], userMessage: string): ChatModelError =>
    new ChatModelError(code, `Cannot use language model "${name}": ${error.message}`, { userMessage, cause: error })
  switch (error.code) {
    case 'misconfigured':
    case 'unauthenticated':
    case 'no-access':
      return fail('no-access', 'The language model refuses us. Please ask your administrator to check access to it.')
    case 'not-found':
      return fail('no-access', 'The language model that is set up does not exist. Please tell your administrator.')
    case 'rate-limited': {
      const wait = error.retryAfterMs === undefined ? 'a minute' : durationInWords(error.retryAfterMs)
      return fail('rate-limited', `The language model has too much to do right now. Please try again in ${wait}.`)
    }
    case 'timeout':
      return fail('timeout', 'The language model took too long to answer. Please try again.')
    case 'conflict':
    case 'unavailable':
      return fail('unavailable', 'The language model cannot be reached right now. Please try again in a moment.')
    case 'bad-request':
      return fail(
        'bad-answer',
        'The language model did not accept our request. Please try again, or tell your administrator.',
      )
    case 'bad-answer':
      return fail('bad-answer', 'The language model sent an answer that we cannot read. Please try again.')
  }
}
