import { randomBytes } from 'node:crypto'
import type { Clock } from '../../../src/lib/clock.ts'
import type { Faults } from '../faults.ts'
import { startHttpServer, type HttpAnswer, type HttpReply, type HttpRequest } from '../../local/http-server.ts'
import type { Cloud } from './contract.ts'

/** The workspace's own storage: whoever has a signed address may write one file, until it expires. */
export interface Storage extends AsyncDisposable {
  readonly url: string
  readonly files: Map<string, Uint8Array>
  /** The workspace's `ArtifactCredentialInfo` for writing this file, without `path` and `run_id`. */
  sign(path: string): object
}

/** How long a signed address may be used. Ours: Databricks says only that it is short. */
const validMs = 15 * 60_000

interface Signed {
  readonly path: string
  readonly expiresAt: number
}

/** On a port of its own, as the clouds' storage is on servers of its own. @throws Error when the port cannot be had */
export async function startStorage(options: {
  readonly cloud: Cloud
  readonly clock: Clock
  readonly faults: Faults
}): Promise<Storage> {
  const { cloud, clock, faults } = options
  const vendor = vendors[cloud]
  const files = new Map<string, Uint8Array>()
  const signed = new Map<string, Signed>()

  async function answer(request: HttpRequest): Promise<HttpAnswer> {
    const fault = faults.take('storage.upload')
    if (fault?.kind === 'reset') return 'break'
    if (fault?.kind === 'status') {
      return { status: fault.status, headers: { ...fault.headers }, body: textOf(fault.body) }
    }
    const reply = write(request, fault?.kind === 'signature-expired')
    return fault?.kind === 'reply-lost' ? 'break' : reply
  }

  function write(request: HttpRequest, isExpired: boolean): HttpReply {
    // All three refuse a request that says in two ways who it is from.
    if (request.headers['authorization'] !== undefined) {
      return vendor.refuse(400, 'InvalidArgument', 'Only one auth mechanism allowed')
    }
    const entry = signed.get(request.query.get(vendor.signature) ?? '')
    if (!entry || `/${entry.path}` !== decodeURIComponent(request.path)) {
      return vendor.refuse(403, vendor.mismatch, 'The signature does not match')
    }
    if (isExpired || entry.expiresAt <= clock.now()) return vendor.expired()
    for (const [name, value] of Object.entries(vendor.headers)) {
      if (request.headers[name] !== value)
        return vendor.refuse(403, vendor.mismatch, `Signed header ${name} is missing`)
    }
    return vendor.write(request, (bytes) => files.set(entry.path, bytes), files.get(entry.path))
  }

  const server = await startHttpServer({ port: 0, answer })
  return {
    url: server.url,
    files,
    sign(path) {
      const signature = randomBytes(24).toString('hex')
      signed.set(signature, { path, expiresAt: clock.now() + validMs })
      const query = new URLSearchParams({ ...vendor.query, [vendor.signature]: signature })
      return {
        type: vendor.type,
        signed_uri: `${server.url}/${path.split('/').map(encodeURIComponent).join('/')}?${query.toString()}`,
        headers: Object.entries({ ...vendor.headers, ...vendor.moreHeaders }).map(([name, value]) => ({ name, value })),
      }
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

const textOf = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body ?? ''))

interface Vendor {
  /** As the workspace names it. */
  readonly type: string
  /** Name of the parameter that carries the signature. */
  readonly signature: string
  readonly query: Readonly<Record<string, string>>
  /** Sent with the address and required at the upload. */
  readonly headers: Readonly<Record<string, string>>
  /** Sent with the address, too. */
  readonly moreHeaders?: Readonly<Record<string, string>>
  readonly mismatch: string
  refuse(status: number, code: string, message: string): HttpReply
  expired(): HttpReply
  write(request: HttpRequest, store: (bytes: Uint8Array) => void, stored: Uint8Array | undefined): HttpReply
}

const xml = (status: number, code: string, message: string): HttpReply => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
})

const json = (status: number, code: string, message: string): HttpReply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ error: { code, message } }),
})

const notAllowed = (refuse: Vendor['refuse']): HttpReply => refuse(405, 'MethodNotAllowed', 'Not allowed here')

/** @see https://learn.microsoft.com/rest/api/storageservices/put-blob and …/datalakestoragegen2/path/update */
const vendors: Readonly<Record<Cloud, Vendor>> = {
  aws: {
    type: 'AWS_PRESIGNED_URL',
    signature: 'X-Amz-Signature',
    query: { 'X-Amz-Algorithm': 'AWS4-HMAC-SHA256', 'X-Amz-Expires': '900' },
    headers: { 'x-amz-server-side-encryption': 'AES256' },
    mismatch: 'SignatureDoesNotMatch',
    refuse: xml,
    expired: () => xml(403, 'AccessDenied', 'Request has expired'),
    write(request, store) {
      if (request.method !== 'PUT') return notAllowed(xml)
      store(request.body)
      return { status: 200, body: '' }
    },
  },
  gcp: {
    type: 'GCP_SIGNED_URL',
    signature: 'X-Goog-Signature',
    query: { 'X-Goog-Algorithm': 'GOOG4-RSA-SHA256', 'X-Goog-Expires': '900' },
    headers: {},
    mismatch: 'SignatureDoesNotMatch',
    refuse: xml,
    expired: () => xml(400, 'ExpiredToken', 'Invalid argument.'),
    write(request, store) {
      if (request.method !== 'PUT') return notAllowed(xml)
      store(request.body)
      return { status: 200, body: '' }
    },
  },
  'azure-blob': {
    type: 'AZURE_SAS_URI',
    signature: 'sig',
    query: { sv: '2023-11-03', sr: 'b', sp: 'cw' },
    headers: {},
    mismatch: 'AuthenticationFailed',
    refuse: xml,
    expired: () => xml(403, 'AuthenticationFailed', 'Signed expiry time has passed'),
    write(request, store) {
      if (request.method !== 'PUT') return notAllowed(xml)
      if (request.headers['x-ms-blob-type'] !== 'BlockBlob') {
        return xml(400, 'MissingRequiredHeader', 'x-ms-blob-type is required')
      }
      store(request.body)
      return { status: 201, body: '' }
    },
  },
  'azure-data-lake': {
    type: 'AZURE_ADLS_GEN2_SAS_URI',
    signature: 'sig',
    query: { sv: '2023-11-03', sr: 'b', sp: 'cw' },
    headers: {},
    // [U] Which headers come with these addresses is not written down; the Python client drops those of Blob Storage.
    moreHeaders: { 'x-ms-blob-type': 'BlockBlob' },
    mismatch: 'AuthenticationFailed',
    refuse: json,
    expired: () => json(403, 'AuthenticationFailed', 'Signed expiry time has passed'),
    write(request, store, stored) {
      const { method, query, headers, body } = request
      if (headers['x-ms-blob-type'] !== undefined) return json(400, 'UnsupportedHeader', 'x-ms-blob-type')
      if (method === 'PUT' && query.get('resource') === 'file') {
        store(new Uint8Array())
        return { status: 201, body: '' }
      }
      if (method !== 'PATCH') return notAllowed(json)
      if (!stored) return json(404, 'PathNotFound', 'The specified path does not exist.')
      if (query.get('action') === 'append') {
        if (body.length === 0) return json(400, 'InvalidHeaderValue', 'Content-Length')
        if (query.get('position') !== '0') return json(400, 'InvalidAppendOffset', 'position')
        if (query.get('flush') !== 'true') return json(409, 'InvalidFlushPosition', 'Only whole files here')
        store(body)
        return { status: 202, body: '' }
      }
      return query.get('action') === 'flush' && query.get('position') === String(stored.length)
        ? { status: 200, body: '' }
        : json(400, 'InvalidFlushPosition', 'position')
    },
  },
}
