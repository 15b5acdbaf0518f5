import { z } from 'zod'
import type { Clock } from '../../lib/clock.ts'
import { describeError } from '../../lib/errors.ts'
import { sampleQuestions } from '../model-package/model-files.ts'
import type { SmokeAnswer } from '../release.ts'
import type { Row, ServingEndpoints } from '../serving.ts'
import { ServingError } from '../serving/serving-error.ts'
import type { ReleaseEnvironment } from './environment.ts'

/** What a served model answers, as far as the test reads it. */
const Prediction = z.looseObject({
  html: z.string(),
  slide_count: z.coerce.number(),
  trace_url: z.string().nullish(),
  error: z.string().nullish(),
})

export interface SmokeOptions {
  readonly signal: AbortSignal
  /** Asks this served entity, and wants it to be the one that answers. Undefined: whichever gets the request. */
  readonly entityName?: string
  /** Only the first question. */
  readonly isShort?: boolean
  readonly onAnswer?: (answer: SmokeAnswer) => void
}

const mostSlides = 5
/** A busy Genie or chat model is no fault of the version. */
const tries = 2
const pauseMs = 5000

/**
 * Asks an endpoint the sample questions of the package and those of the configuration, one after the other: Genie takes
 * few questions a minute. Problems are in the answers; it rejects with the signal's reason only.
 */
export async function askSmokeQuestions(
  deps: { readonly endpoints: ServingEndpoints; readonly clock: Clock },
  environment: ReleaseEnvironment,
  options: SmokeOptions,
): Promise<readonly SmokeAnswer[]> {
  const rows: readonly Row[] = [
    ...sampleQuestions,
    ...environment.smokeQuestions.map((question) => ({ question, max_slides: mostSlides })),
  ]
  const answers: SmokeAnswer[] = []
  for (const row of options.isShort ? rows.slice(0, 1) : rows) {
    let answer = await ask(deps, environment, row, options)
    for (let made = 1; answer.problem !== undefined && made < tries; made += 1) {
      await deps.clock.sleep(pauseMs, options.signal)
      answer = await ask(deps, environment, row, options)
    }
    answers.push(answer)
    options.onAnswer?.(answer)
  }
  return answers
}

async function ask(
  { endpoints, clock }: { readonly endpoints: ServingEndpoints; readonly clock: Clock },
  { endpointName, expectsTrace, timeouts }: ReleaseEnvironment,
  row: Row,
  { signal, entityName }: SmokeOptions,
): Promise<SmokeAnswer> {
  const startedAt = clock.now()
  const answered = (problem: string | undefined, slideCount = 0, traceUrl = ''): SmokeAnswer => {
    return { question: String(row['question']), problem, slideCount, traceUrl, tookMs: clock.now() - startedAt }
  }
  try {
    const { predictions, servedBy } = await endpoints.invoke(endpointName, [row], {
      signal,
      timeoutMs: timeouts.questionMs,
      coldStartMs: timeouts.questionMs,
      ...(entityName === undefined ? {} : { entityName }),
    })
    const prediction = Prediction.safeParse(predictions[0])
    if (!prediction.success) return answered('its answer has not the columns of the model')
    const { slide_count: slideCount, error } = prediction.data
    const traceUrl = prediction.data.trace_url ?? ''
    const problem =
      entityName !== undefined && servedBy !== '' && servedBy !== entityName
        ? `${servedBy} answered instead of ${entityName}`
        : error
          ? `it answered with an error: ${error}`
          : problemOf(prediction.data.html, slideCount, traceUrl, expectsTrace)
    return answered(problem, slideCount, traceUrl)
  } catch (error) {
    signal.throwIfAborted()
    return answered(error instanceof ServingError ? error.message : describeError(error))
  }
}

function problemOf(html: string, slideCount: number, traceUrl: string, expectsTrace: boolean): string | undefined {
  if (!/^\s*<!doctype html|<html[\s>]/i.test(html)) return 'its html is no page'
  if (!Number.isInteger(slideCount) || slideCount < 1) return `it has ${slideCount} slides, expected at least one`
  if (slideCount > mostSlides) return `it has ${slideCount} slides, expected at most ${mostSlides}`
  if (expectsTrace && !/^https?:\/\/./.test(traceUrl)) return 'it links to no trace'
  return undefined
}
