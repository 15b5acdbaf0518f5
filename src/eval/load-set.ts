import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { describeIssues } from '../lib/zod-issues.ts'
import { EvalSet } from './case.ts'
import { EvalError } from './eval-error.ts'

/** Reads an evaluation set from a YAML file; `today` is what `{today}` in its SQL stands for. @throws EvalError `usage` */
export function loadEvalSet(file: string, today: string): EvalSet {
  let content: unknown
  try {
    content = parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new EvalError('usage', `Cannot read the evaluation set ${file}`, error)
  }
  const parsed = EvalSet.safeParse(content)
  if (!parsed.success) {
    throw new EvalError('usage', `The evaluation set ${file} has problems: ${describeIssues(parsed.error)}`)
  }
  return withToday(parsed.data, today)
}

/** With `{today}` filled in. */
export function withToday(set: EvalSet, today: string): EvalSet {
  return {
    ...set,
    cases: set.cases.map(({ expect, ...rest }) => ({
      ...rest,
      ...(expect === undefined
        ? {}
        : {
            expect: {
              ...expect,
              ...(expect.sql === undefined ? {} : { sql: expect.sql.replaceAll('{today}', today) }),
            },
          }),
    })),
  }
}
