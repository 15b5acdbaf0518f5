import { untilAborted } from '../../lib/abort.ts'
import type { Clock } from '../../lib/clock.ts'
import { durationInWords } from '../../lib/duration.ts'
import { describeError, userMessageOf } from '../../lib/errors.ts'
import { retry, type RetryPolicy } from '../../lib/retry.ts'
import type { Redact } from '../redact.ts'
import type { EndOfRelease, Failure, ReleaseEvent, ReleaseResult } from '../release.ts'
import { RegistryError } from '../registry/registry-error.ts'
import { ServingError } from '../serving/serving-error.ts'
import type { ReleaseEnvironment } from './environment.ts'
import type { Hold } from './hold.ts'
import { stepsOf, type HistoryEntry, type Operation, type Step } from './operation.ts'
import { finalState } from './final-state.ts'
import { ReleaseError } from './release-error.ts'
import { deadlineOf, performStep, type StepDeps, type StepOutcome } from './steps.ts'
import type { ReleaseStore } from './store.ts'

/** Steps look before they act: after an answer that got lost they see what has become of it. */
const lostAnswers: RetryPolicy = {
  attempts: 4,
  delayMs: (error, attempt) => (isLostAnswer(error) ? 2000 * 2 ** attempt : null),
}

export interface MachineDeps extends StepDeps {
  readonly store: ReleaseStore
  readonly clock: Clock
}

export interface MachineOptions {
  readonly environment: ReleaseEnvironment
  readonly hold: Hold
  /** Ends the work where it stands. */
  readonly signal: AbortSignal
  readonly emit: (event: ReleaseEvent) => void
}

/**
 * Takes a release that has begun to its end, from wherever it stands: forward, or back once something has failed. Each
 * step is in the store before it is done and after. Leaves the release to the next process, and rejects, when the signal
 * aborts, the environment is lost to another process, or the store is away.
 */
export async function runOperation(
  begun: Operation,
  deps: MachineDeps,
  options: MachineOptions,
): Promise<ReleaseResult> {
  const { store, clock } = deps
  const { environment, hold, emit } = options
  const { lease } = hold
  const stopped = AbortSignal.any([options.signal, hold.lost])
  let operation = begun

  async function write(change: Partial<Operation>): Promise<void> {
    stopped.throwIfAborted()
    const next = { ...operation, ...change }
    await store.write(lease, next)
    operation = next
  }

  function tell(step: Step, state: ReleaseEvent['state'], detail: string): void {
    emit({
      step: step.name,
      state,
      detail,
      index: operation.next + 1,
      count: stepsOf(operation).length,
      at: clock.now(),
    })
  }

  function logged(step: Step, state: 'started' | 'done' | 'failed', detail: string): Operation['log'] {
    return [
      ...operation.log,
      { step: `${step.name} ${step.stage}`, state, at: clock.now(), detail: deps.redact(detail) },
    ]
  }

  /** One step, within its time. → what it failed with; what the store rejects with is thrown */
  async function perform(step: Step): Promise<{ readonly error: unknown } | undefined> {
    // Until aliases move a release can be cancelled; the way back cannot.
    const isLate = operation.direction === 'back' || step.name.startsWith('alias-')
    await hold.check()
    stopped.throwIfAborted()
    if (!isLate && hold.cancelled.aborted) return { error: hold.cancelled.reason }
    await write({ log: logged(step, 'started', '') })
    tell(step, 'started', '')
    const outcome = await withinTime(step, isLate ? [stopped] : [stopped, hold.cancelled])
    stopped.throwIfAborted()
    if ('error' in outcome) return outcome
    const { detail, change = {} } = outcome
    tell(step, 'done', detail)
    await write({ ...change, next: operation.next + 1, log: logged(step, 'done', detail) })
    return undefined
  }

  async function withinTime(
    step: Step,
    ends: readonly AbortSignal[],
  ): Promise<StepOutcome | { readonly error: unknown }> {
    const deadlineMs = deadlineOf(step, environment, operation)
    const done = new AbortController()
    const late = new AbortController()
    const timer = clock.sleep(deadlineMs, AbortSignal.any([done.signal, stopped])).then(
      () =>
        late.abort(new ReleaseError('timeout', `Step ${step.name} took longer than ${durationInWords(deadlineMs)}`)),
      () => {}, // it was done in time
    )
    const signal = AbortSignal.any([...ends, late.signal])
    const onProgress = (detail: string): void => tell(step, 'progress', deps.redact(detail))
    try {
      const context = { operation, environment, signal, onProgress }
      return await retry(() => untilAborted(performStep(step, deps, context), signal), lostAnswers, clock, signal)
    } catch (error) {
      return { error }
    } finally {
      done.abort()
      await timer
    }
  }

  async function turnBack(step: Step, error: unknown): Promise<void> {
    const failure = toFailure(step, error, deps.redact)
    tell(step, 'failed', failure.reason)
    await write({ direction: 'back', next: 0, failure, log: logged(step, 'failed', failure.reason) })
    emit({ step: 'turn-back', state: 'started', detail: failure.userMessage, index: 0, count: 0, at: clock.now() })
  }

  /** → undefined: all steps are done */
  function nextStep(): Step | undefined {
    return stepsOf(operation)[operation.next]
  }

  const first = nextStep()
  const isOld = clock.now() - operation.startedAt > environment.timeouts.resumeMs
  if (first && operation.direction === 'forward' && isOld && !first.name.startsWith('alias-')) {
    await turnBack(first, new ReleaseError('timeout', 'It was left alone for too long'))
  }
  for (let step = nextStep(); step; step = nextStep()) {
    const failed = await perform(step)
    if (!failed) continue
    if (operation.direction === 'forward') {
      await turnBack(step, failed.error)
      continue
    }
    const failure = toFailure(step, failed.error, deps.redact)
    tell(step, 'failed', failure.reason)
    // From its beginning: what was put back may have failed and has to be asked for again.
    await write({ next: 0, log: logged(step, 'failed', failure.reason) })
    return { ...aboutOf(operation), outcome: 'unfinished', ...failure }
  }
  return await end()

  async function end(): Promise<ReleaseResult> {
    const { record, entry } = finalState(operation, await store.findRecord(operation.environment), clock.now())
    stopped.throwIfAborted()
    const isReleased = entry.outcome === 'released'
    await endOnce(entry, () =>
      store.end(lease, record, entry, {
        at: clock.now(),
        who: operation.who,
        environment: operation.environment,
        action: operation.kind,
        result: isReleased ? 'done' : 'failed',
        planHash: operation.planHash,
        releaseId: operation.id,
        detail: isReleased ? `version ${entry.version ?? '?'} serves` : `returned: ${entry.failure?.reason ?? ''}`,
      }),
    )
    const about = aboutOf(operation)
    if (operation.failure) return { ...about, outcome: 'returned', ...operation.failure }
    return { ...about, outcome: 'released', warnings: operation.warnings }
  }

  /** The answer may get lost although the end is written. */
  async function endOnce(entry: HistoryEntry, write: () => Promise<void>): Promise<void> {
    try {
      await write()
    } catch (error) {
      const [last] = await store.history(entry.environment, 1)
      if (last?.id !== entry.id) throw error
    }
  }
}

function isLostAnswer(error: unknown): boolean {
  return (error instanceof ServingError || error instanceof RegistryError) && error.code === 'unreachable'
}

function aboutOf({ id, kind, environment, version }: Operation): EndOfRelease {
  return { releaseId: id, kind, environment, version: version ?? undefined }
}

function toFailure(step: Step, error: unknown, redact: Redact): Failure {
  const logTail = error instanceof ServingError || error instanceof ReleaseError ? error.logTail : ''
  return {
    failedStep: step.name,
    reason: redact(error instanceof ReleaseError ? error.message : describeError(error)),
    userMessage: redact(userMessageOf(error)),
    logTail: redact(logTail),
  }
}
