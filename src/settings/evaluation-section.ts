import { z } from 'zod'
import { flag, name, number, text, whole } from './checks.ts'

const share = number('a number from 0 to 1', 0, 1)

/** Section `evaluation` of `mlflow.yaml`, in the program's own units and spelling. */
export const evaluationSection = z
  .strictObject({
    set: name,
    collected_set: z.string().regex(/^[\w.-]{1,100}$/, 'a name of letters, digits, dots and dashes'),
    collect_bad_answers: flag,
    concurrency: whole('a whole number from 1 to 16', 1, 16),
    warehouse_id: text,
    thresholds: z.strictObject({
      passed: share,
      right_numbers: share,
      relevant_slides: share,
      grounded: share,
      p95_seconds: number('seconds from 1 to 1800', 1, 1800),
      usd_per_question: number('US dollars from 0 to 1000', 0, 1000),
    }),
    judge: z.strictObject({
      sample_rate: share,
      endpoint: text,
      timeout_seconds: number('seconds from 1 to 600', 1, 600),
    }),
  })
  .transform((file) => ({
    set: file.set,
    collectedSet: file.collected_set,
    collectBadAnswers: file.collect_bad_answers,
    concurrency: file.concurrency,
    warehouseId: file.warehouse_id,
    thresholds: {
      passed: file.thresholds.passed,
      rightNumbers: file.thresholds.right_numbers,
      relevantSlides: file.thresholds.relevant_slides,
      grounded: file.thresholds.grounded,
      p95Seconds: file.thresholds.p95_seconds,
      usdPerQuestion: file.thresholds.usd_per_question,
    },
    judge: {
      sampleRate: file.judge.sample_rate,
      endpoint: file.judge.endpoint,
      timeoutMs: file.judge.timeout_seconds * 1000,
    },
  }))
