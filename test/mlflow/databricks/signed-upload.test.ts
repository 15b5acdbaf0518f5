import { describe, expect, it } from 'vitest'
import { createHttpClient } from '../../../src/lib/http.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { createSignedUpload } from '../../../src/mlflow/databricks/signed-upload.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { rejection } from '../../support/rejection.ts'
import { startTestServer } from '../../support/http-server.ts'
import { soon } from '../set-up.ts'

async function put(
  uri: string,
  workspaceUrl: string,
  credential: { type?: string; headers?: Record<string, string> } = {},
) {
  await using http = createHttpClient()
  const upload = createSignedUpload({ http, clock: createManualClock(), timeoutMs: 5000, workspaceUrl })
  const signed = { type: 'AWS_PRESIGNED_URL', path: '', headers: {}, ...credential, uri: new Secret(uri) }
  await upload.put(async () => signed, Buffer.from('content'), soon())
}

describe('an upload to a signed address', () => {
  it('is refused without TLS, unless the workspace itself has none', async () => {
    await using server = await startTestServer({ 'PUT /file': {} })
    const uri = `${server.url}/file?sig=abc`

    const error = await rejection(put(uri, 'https://workspace.example'))

    expect(error).toMatchObject({ code: 'not-mlflow' })
    expect(String(error)).not.toContain('abc')
    expect(server.requests).toEqual([])
    await put(uri, 'http://127.0.0.1:1')
    expect(server.requests).toHaveLength(1)
  })

  it.each(['no address', 'file:///etc/passwd', 'https://'])(
    'is refused for what is no address of a store: %s',
    async (uri) => {
      const error = await rejection(put(`${uri}?sig=abc`, 'https://workspace.example'))

      expect(error).toMatchObject({ code: 'not-mlflow' })
      expect(String(error)).not.toContain('abc')
    },
  )

  it('follows no redirect', async () => {
    await using server = await startTestServer({
      'PUT /file': { status: 307, headers: { location: 'http://127.0.0.1:9/elsewhere' } },
    })

    expect(await rejection(put(`${server.url}/file`, server.url))).toMatchObject({ code: 'no-access', status: 307 })
  })

  it('carries the headers that came with the address, and nothing of ours', async () => {
    await using server = await startTestServer({ 'PUT /file': {} })

    await put(`${server.url}/file?a=%2F&b=x+y`, server.url, { headers: { 'x-amz-meta-a': 'b' } })

    const [request] = server.requests
    expect(request?.headers).toMatchObject({ 'x-amz-meta-a': 'b' })
    expect(Object.keys(request?.headers ?? {})).not.toContain('content-type')
    expect(Object.keys(request?.headers ?? {})).not.toContain('authorization')
    expect(request?.text).toBe('content')
  })

  it('leaves the signed query as it is when it adds to it', async () => {
    await using server = await startTestServer({ 'PUT /file': { status: 201 }, 'PATCH /file': { status: 202 } })
    const urls: string[] = []
    await using http = createHttpClient()
    const upload = createSignedUpload({
      http: { ...http, send: (request, signal) => (urls.push(request.url), http.send(request, signal)) },
      clock: createManualClock(),
      timeoutMs: 5000,
      workspaceUrl: server.url,
    })
    const uri = new Secret(`${server.url}/file?sig=a%2Fb%3D&sv=1`)
    const headers = { 'X-Ms-Date': 'today', 'x-ms-blob-type': 'BlockBlob', 'x-ms-tags': 'a' }

    await upload.put(
      async () => ({ type: 'AZURE_ADLS_GEN2_SAS_URI', path: '', headers, uri }),
      Buffer.from('content'),
      soon(),
    )

    expect(urls.map((url) => url.slice(server.url.length))).toEqual([
      '/file?sig=a%2Fb%3D&sv=1&resource=file',
      '/file?sig=a%2Fb%3D&sv=1&action=append&position=0&flush=true',
    ])
    for (const request of server.requests) {
      expect(request.headers).toMatchObject({ 'x-ms-date': 'today' })
      expect(request.headers).not.toHaveProperty('x-ms-blob-type')
      expect(request.headers).not.toHaveProperty('x-ms-tags')
    }
  })
})
