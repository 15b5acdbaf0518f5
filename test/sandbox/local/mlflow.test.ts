import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startMlflow } from '../../../sandbox/local/mlflow.ts'

const { MLFLOW_TRACKING_URI: _, ...env } = process.env
const Experiment = z.object({ experiment: z.object({ name: z.string(), artifact_location: z.string() }) })
let dir = ''

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'deckhand-mlflow-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

// Where MLFLOW_TRACKING_URI names a server, no other one is set up.
describe.skipIf(process.env['MLFLOW_TRACKING_URI'])('startMlflow', () => {
  it('starts a server of the pinned version that finds its data again and keeps artifacts for its clients', async () => {
    {
      await using mlflow = await startMlflow({ dir, env })
      expect(await (await fetch(`${mlflow.url}/version`)).text()).toBe('3.18.0')
      await post(`${mlflow.url}/api/2.0/mlflow/experiments/create`, { name: 'decks' })
    }

    await using mlflow = await startMlflow({ dir, env })
    const found = await fetch(`${mlflow.url}/api/2.0/mlflow/experiments/get-by-name?experiment_name=decks`)
    const { experiment } = Experiment.parse(await found.json())
    expect(experiment.artifact_location).toMatch(/^mlflow-artifacts:/)

    const artifact = `${mlflow.url}/api/2.0/mlflow-artifacts/artifacts/1/run/artifacts/deck.html`
    await fetch(artifact, { method: 'PUT', body: '<h1>Sales</h1>' })
    expect(await (await fetch(artifact)).text()).toBe('<h1>Sales</h1>')
  })

  it('gives up when told to', async () => {
    await expect(startMlflow({ dir, env, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
  })
})

describe('startMlflow by variables', () => {
  it('uses the server that MLFLOW_TRACKING_URI names instead', async () => {
    await using mlflow = await startMlflow({ dir, env: { MLFLOW_TRACKING_URI: 'https://mlflow.example/team/' } })

    expect(mlflow).toMatchObject({ url: 'https://mlflow.example/team', isPrivate: false })
  })

  it('says what to set when there is no server to start', async () => {
    await expect(startMlflow({ dir, env: {} })).rejects.toMatchObject({
      code: 'missing',
      message: 'Cannot start MLflow: DECKHAND_PYTHON and MLFLOW_TRACKING_URI are not set',
    })
  })
})

async function post(url: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  expect(response.status).toBe(200)
}
