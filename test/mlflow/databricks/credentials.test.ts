import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sandboxCredentials } from '../../../sandbox/databricks/contract.ts'
import { clouds } from '../../../sandbox/databricks/mlflow/contract.ts'
import type { Tracing } from '../../../src/mlflow/tracing.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { aTurn, runTurn, soon } from '../set-up.ts'
import { experimentPath, setUp, type SentRequest, type SetUp } from './set-up.ts'

function turnWithFile(tracing: Tracing): Promise<void> {
  return tracing.turn(aTurn, async (_trace, _span, report) => {
    report.artifact({ path: 'deck.json', mediaType: 'application/json', content: () => '{}' })
  })
}

function toStorage(context: SetUp): SentRequest[] {
  return context.sent.filter(({ url }) => !url.startsWith(context.workspace.url))
}

/** All that a request carries, as text. */
function textOf({ method, url, headers, body }: SentRequest): string {
  return `${method} ${url}\n${JSON.stringify(headers)}\n${body.toString('latin1')}`
}

/** Access tokens that the workspace gave, read from what was sent with them. */
function tokensOf(context: SetUp): string[] {
  const bearers = context.sent.map(({ headers }) => /^Bearer (.+)$/.exec(headers['authorization'] ?? '')?.[1])
  return [...new Set(bearers.filter((token) => token !== undefined))]
}

async function filesBelow(dir: string): Promise<string> {
  const paths = (await readdir(dir, { recursive: true })).map((name) => join(dir, name))
  const texts = await Promise.all(
    paths.map(async (path) => ((await stat(path)).isFile() ? readFile(path, 'latin1') : '')),
  )
  return texts.join('\n')
}

describe.each(['token', 'service-principal'] as const)('the credentials of the workspace (%s)', (signIn) => {
  it.each(clouds)('go to the workspace with every request, and never to the storage of %s', async (cloud) => {
    await using context = await setUp({ signIn, cloud })
    const tracing = await context.startTracing()
    context.workspace.faults.add({ on: 'storage.upload', fault: { kind: 'signature-expired' } })

    await runTurn(tracing)
    await turnWithFile(tracing)
    await tracing.flush(soon())

    expect(await context.spooled()).toEqual([])
    const stored = toStorage(context)
    expect(stored.length).toBeGreaterThanOrEqual(4)
    const secrets = [...tokensOf(context), sandboxCredentials.token, sandboxCredentials.clientSecret]
    expect(tokensOf(context)).toHaveLength(1)
    for (const request of stored) {
      expect(request.headers).not.toHaveProperty('authorization')
      for (const secret of secrets) expect(textOf(request)).not.toContain(secret)
    }
    const toWorkspace = context.sent.filter(({ url }) => url.startsWith(`${context.workspace.url}/api/`))
    for (const { url, headers } of toWorkspace) {
      expect(headers['authorization'], url).toMatch(/^Bearer /)
      expect(headers['user-agent']).toContain('deckhand/')
    }
  })
})

describe('a token of a service principal', () => {
  it('that expires in the middle of a turn’s delivery is renewed, and nothing is lost or sent twice', async () => {
    const clock = createManualClock(Date.now())
    await using context = await setUp({ clock, signIn: 'service-principal', tokenTtlMs: 3_600_000 })
    const tracing = await context.startTracing()
    await runTurn(tracing)
    await tracing.flush(soon())
    expect(tokensOf(context)).toHaveLength(1)

    // An hour later, and the workspace takes the token back once more between two calls of one delivery.
    await clock.advance(3_600_000)
    const expired = { error_code: 'UNAUTHENTICATED', message: 'Token is expired' }
    context.workspace.faults.add({ on: 'mlflow.start-trace', fault: { kind: 'status', status: 401, body: expired } })
    const { traceId } = await runTurn(tracing)
    await tracing.flush(soon())

    expect(tokensOf(context)).toHaveLength(3)
    const { mlflow } = context.workspace
    const id = mlflow.experiment(experimentPath)?.id ?? ''
    expect(await context.spooled()).toEqual([])
    expect(mlflow.traces(id)).toHaveLength(2)
    expect(mlflow.file(`traces/${traceId}/traces.json`)).toBeDefined()
    expect(mlflow.runs(id).map(({ status }) => status)).toEqual(['FINISHED', 'FINISHED'])
    expect(context.warnings()).toEqual([])
  })

  it('that cannot be had keeps turns waiting, and says why', async () => {
    const clock = createManualClock(Date.now())
    await using context = await setUp({ clock, signIn: 'service-principal' })
    const refusal = { error: 'invalid_client', error_description: 'Client authentication failed' }
    context.workspace.faults.add({
      on: 'oauth.token',
      fault: { kind: 'status', status: 401, body: refusal },
      times: 99,
    })
    const tracing = await context.startTracing()

    const { traceId } = await runTurn(tracing)
    await tracing.flush(soon())

    expect(await context.spooled()).toHaveLength(1)
    expect(context.warnings()).toEqual([expect.stringContaining('invalid_client')])

    context.workspace.faults.clear()
    await clock.advance(60_000)
    await tracing.flush(soon())

    expect(await context.spooled()).toEqual([])
    expect(context.workspace.mlflow.file(`traces/${traceId}/traces.json`)).toBeDefined()
  })
})

describe('an address that was signed for', () => {
  it.each(clouds)('appears in no log and in no file: %s', async (cloud) => {
    await using context = await setUp({ cloud })
    const tracing = await context.startTracing()
    const echo =
      '<Error><Code>SignatureDoesNotMatch</Code><SignatureProvided>echoed-signature</SignatureProvided></Error>'
    context.workspace.faults.add({ on: 'storage.upload', fault: { kind: 'status', status: 403, body: echo }, times: 2 })
    context.workspace.faults.add({ on: 'storage.upload', fault: { kind: 'status', status: 400, body: echo }, skip: 2 })
    context.workspace.faults.add({ on: 'storage.upload', fault: { kind: 'reset' }, skip: 3, times: 99 })

    await runTurn(tracing)
    await tracing.flush(soon())

    const stored = toStorage(context)
    expect(stored.length).toBeGreaterThanOrEqual(2)
    const said = `${JSON.stringify(context.logged)}\n${await filesBelow(context.spoolDir)}`
    expect(said).toContain('SignatureDoesNotMatch')
    expect(said).not.toContain('echoed-signature')
    for (const { url } of stored) {
      const { search, searchParams } = new URL(url)
      expect(search.length).toBeGreaterThan(20)
      expect(said).not.toContain(search)
      const signature =
        searchParams.get('sig') ?? searchParams.get('X-Amz-Signature') ?? searchParams.get('X-Goog-Signature')
      expect(signature).toMatch(/^[0-9a-f]{48}$/)
      expect(said).not.toContain(signature)
    }
  })
})
