import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { MlflowFile } from '../../src/settings/mlflow-file.ts'

interface Shipped {
  readonly serving: Readonly<Record<'dev' | 'prod', Readonly<Record<string, unknown>>>>
}

// What the environment fills in is left out: nothing here is about it.
const text = readFileSync(join(import.meta.dirname, '../../config/mlflow.yaml'), 'utf8').replaceAll(/\$\{[^}]*\}/g, '')
const shipped = {
  ...(parse(text) as Shipped),
  tracking_uri: 'databricks',
  experiment_name: 'x',
  registry_uri: 'databricks-uc',
  model_name: 'main.deckhand.agent',
}

function problemsOf(change: { readonly dev?: object; readonly prod?: object }): readonly string[] {
  const { dev, prod } = shipped.serving
  const none = { endpoint_name: '' }
  const file = {
    ...shipped,
    serving: { dev: { ...dev, ...none, ...change.dev }, prod: { ...prod, ...none, ...change.prod } },
  }
  const issues = MlflowFile.safeParse(file).error?.issues ?? []
  return issues.flatMap(({ path, message }) => (path[0] === 'serving' ? [`${path.join('.')}: ${message}`] : []))
}

it('takes environments with endpoints of their own', () => {
  expect(problemsOf({ dev: { endpoint_name: 'a' }, prod: { endpoint_name: 'b' } })).toEqual([])
})

it('refuses one endpoint for two environments: a release of one would be a release of the other', () => {
  expect(problemsOf({ dev: { endpoint_name: 'a' }, prod: { endpoint_name: 'a' } })).toEqual([
    'serving.prod.endpoint_name: another one than that of dev',
  ])
})

it('refuses two environments that would take the aliases from each other', () => {
  expect(problemsOf({ dev: { moves_aliases: true } })).toEqual([
    'serving.prod.moves_aliases: false: only one environment moves aliases',
  ])
})

it('refuses a canary that gets everything, which is no canary', () => {
  expect(problemsOf({ prod: { canary: [{ traffic_percent: 100, hold_minutes: 5 }] } })).toEqual([
    'serving.prod.canary.0.traffic_percent: a whole number from 0 to 99',
  ])
})
