import type { Clock } from '../../lib/clock.ts'
import type { Endpoint, EndpointConfig, ServingEndpoints } from '../serving.ts'
import { ServingError, type ServingErrorCode } from './serving-error.ts'
import { serves } from './wire.ts'

const firstPollMs = 1000
const longestPollMs = 10_000
/** A look that fails, or shows an endpoint that is gone or not ready, is believed when it stays so: for half a minute. */
const doubtfulLooks = 8
const logTailChars = 2000

/** `ServingEndpoints.waitUntilReady`, over the other calls. */
export function createWait(deps: {
  readonly endpoints: Pick<ServingEndpoints, 'find' | 'buildLogs' | 'logs'>
  readonly clock: Clock
}): ServingEndpoints['waitUntilReady'] {
  const { endpoints, clock } = deps

  /** The end of what the entity's build printed, or else the model. */
  async function logTail(name: string, entityName: string, signal: AbortSignal): Promise<string> {
    for (const read of [endpoints.logs, endpoints.buildLogs]) {
      const log = await read(name, entityName, signal).catch(() => '') // the failure matters more than its log
      signal.throwIfAborted()
      if (log.trim() !== '') return log.trim().slice(-logTailChars)
    }
    return ''
  }

  async function failure(
    code: Extract<ServingErrorCode, 'update-failed' | 'update-cancelled'>,
    endpoint: Endpoint,
    signal: AbortSignal,
  ): Promise<ServingError> {
    const broken = endpoint.deployments.find(({ state }) => state === 'failed' || state === 'aborted')
    const why = broken ? `: ${broken.entityName} is ${broken.state} (${broken.message || 'no message'})` : ''
    const word = code === 'update-failed' ? 'failed' : 'was cancelled'
    return new ServingError(code, `The update of endpoint ${endpoint.name} ${word}${why}`, {
      userMessage: `The update of ${endpoint.name} ${word}; what it served before goes on.`,
      logTail: broken ? await logTail(endpoint.name, broken.entityName, signal) : '',
    })
  }

  async function look(name: string, signal: AbortSignal): Promise<Endpoint | ServingError> {
    try {
      return (
        (await endpoints.find(name, signal)) ??
        new ServingError('not-found', `Cannot wait for endpoint ${name}: it does not exist`, {
          userMessage: `There is no endpoint ${name} (any more).`,
        })
      )
    } catch (error) {
      if (error instanceof ServingError && error.code === 'unreachable') return error
      throw error
    }
  }

  return async (name, wanted, { signal, timeoutMs, onProgress = () => {} }) => {
    const deadlineAt = clock.now() + timeoutMs
    let doubts = 0
    for (let waitMs = firstPollMs; ; waitMs = Math.min(waitMs * 1.5, longestPollMs)) {
      const seen = await look(name, signal)
      if (!(seen instanceof ServingError)) {
        onProgress(seen)
        if (isThere(seen, wanted)) return seen
        const ended = endOf(seen, wanted)
        if (ended) throw await failure(ended, seen, signal)
      }
      // A change may not show at once, an endpoint may be away for a moment.
      const isDoubtful = seen instanceof ServingError || seen.update !== 'running'
      doubts = isDoubtful ? doubts + 1 : 0
      if (doubts >= doubtfulLooks) throw seen instanceof ServingError ? seen : settledElsewhere(seen, wanted)
      if (clock.now() + waitMs > deadlineAt) throw tooLate(name, timeoutMs, seen)
      await clock.sleep(waitMs, signal)
    }
  }
}

function isThere(endpoint: Endpoint, wanted: EndpointConfig): boolean {
  if (!endpoint.isReady || !serves(endpoint.config, wanted)) return false
  // After a change to something else failed, what was there before goes on.
  return endpoint.update === 'none' || (endpoint.update !== 'running' && !serves(endpoint.pending, wanted))
}

/** A change that has ended badly. That of something else, before ours shows, does not count. */
function endOf(endpoint: Endpoint, wanted: EndpointConfig): 'update-failed' | 'update-cancelled' | undefined {
  if (endpoint.update !== 'failed' && endpoint.update !== 'cancelled') return undefined
  if (endpoint.pending && !serves(endpoint.pending, wanted)) return undefined
  return endpoint.update === 'failed' ? 'update-failed' : 'update-cancelled'
}

function settledElsewhere(endpoint: Endpoint, wanted: EndpointConfig): ServingError {
  const { name } = endpoint
  if (serves(endpoint.config, wanted)) {
    return new ServingError('not-ready', `Endpoint ${name} has what was asked for, but is not ready`, {
      userMessage: `${name} has the new version, but does not become ready.`,
    })
  }
  const told = (config: EndpointConfig | undefined): string =>
    config?.entities.map((entity) => `${entity.modelVersion} at ${entity.trafficPercent} %`).join(', ') || 'nothing'
  return new ServingError(
    'replaced',
    `Endpoint ${name} serves ${told(endpoint.config)} (update ${endpoint.update}), expected ${told(wanted)}`,
    { userMessage: `${name} serves something else than was asked for: somebody changed it meanwhile.` },
  )
}

function tooLate(name: string, timeoutMs: number, seen: Endpoint | ServingError): ServingError {
  const minutes = Math.round(timeoutMs / 60_000)
  const how = seen instanceof ServingError ? seen.message : `ready ${seen.isReady}, update ${seen.update}`
  return new ServingError('timeout', `Endpoint ${name} is not ready after ${timeoutMs} ms: ${how}`, {
    userMessage: `${name} is not ready after ${minutes} minutes.`,
    ...(seen instanceof ServingError ? { cause: seen } : {}),
  })
}
