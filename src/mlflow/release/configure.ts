import type { Clock } from '../../lib/clock.ts'
import type { Endpoint, EndpointConfig, ServingEndpoints } from '../serving.ts'
import { ServingError } from '../serving/serving-error.ts'
import { serves } from '../serving/wire.ts'

export interface ConfigureDeps {
  readonly endpoints: ServingEndpoints
  readonly clock: Clock
}

export interface ConfigureOptions {
  readonly signal: AbortSignal
  /** How long another change may take to get out of the way. */
  readonly timeoutMs: number
  /** Hears why it waits. */
  readonly onWait: (why: string) => void
}

const pollMs = 5000

/**
 * Sees to it that the endpoint serves `wanted`, or is on its way there. Looks first: what has been done is not done
 * twice. Another change is waited for. `wanted` null: there is to be no endpoint.
 * @throws ServingError, or the signal's reason
 */
export async function configure(
  { endpoints, clock }: ConfigureDeps,
  name: string,
  wanted: EndpointConfig | null,
  { signal, timeoutMs, onWait }: ConfigureOptions,
): Promise<void> {
  const until = clock.now() + timeoutMs
  for (;;) {
    try {
      const endpoint = await endpoints.find(name, signal)
      if (wanted === null ? !endpoint : isUnderWay(endpoint, wanted)) return
      if (wanted === null) await endpoints.delete(name, signal)
      else if (!endpoint) await endpoints.create(name, wanted, { managed_by: 'deckhand' }, signal)
      else if (endpoint.update !== 'running') await endpoints.updateConfig(name, wanted, signal)
      else
        throw new ServingError('busy', `Endpoint ${name} is being changed`, {
          userMessage: `${name} is being changed.`,
        })
      return
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof ServingError) || error.code !== 'busy' || clock.now() >= until) throw error
      onWait('another change to the endpoint is under way')
      await clock.sleep(pollMs, signal)
    }
  }
}

/** It serves that, or changes to it. */
function isUnderWay(endpoint: Endpoint | undefined, wanted: EndpointConfig): boolean {
  if (!endpoint) return false
  return endpoint.update === 'running' ? serves(endpoint.pending, wanted) : serves(endpoint.config, wanted)
}

/** It serves that, and nothing else is under way. */
export function isSettledOn(endpoint: Endpoint | undefined, wanted: EndpointConfig): boolean {
  return endpoint !== undefined && endpoint.isReady && endpoint.update !== 'running' && serves(endpoint.config, wanted)
}
