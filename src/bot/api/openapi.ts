import { z } from 'zod'
import { statusOf, type ApiErrorCode } from './api-error.ts'
import { encodeEvent } from './event-stream.ts'
import { examples } from './examples.ts'
import { Answer, ErrorBody, FirstAnswer, GenerateRequest, Progress, Running, SlideNews } from './schema.ts'

const schemas = { GenerateRequest, Progress, FirstAnswer, SlideNews, Running, Answer, Error: ErrorBody }

/** The API as an OpenAPI 3.1 document, made of the schemas that requests are checked by and answers typed by. */
export function toOpenApi(server: { readonly version: string; readonly basePath: string }): object {
  return {
    openapi: '3.1.1',
    info: {
      title: 'Deckhand',
      version: server.version,
      summary: 'Ask the lakehouse a question, get a slide deck whose every number can be checked',
    },
    servers: [{ url: server.basePath || '/' }],
    security: [{ key: [] }],
    tags: [{ name: 'decks', description: 'Questions and the decks that answer them' }],
    paths: {
      '/generate-slides': { post: ask },
      '/generate-slides/{id}': { parameters: [idParameter], get: look, delete: stop },
    },
    components: {
      schemas: components(),
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'One of DECKHAND_API_KEYS' } },
    },
  }
}

/** By name, each referring to the others. */
function components(): Record<string, object> {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { ...schema.meta(), id })
  const made = z.toJSONSchema(registry, {
    io: 'input', // what a later version adds to an answer is no error
    uri: (id) => `#/components/schemas/${id}`,
  })
  const named = Object.entries(made.schemas).map(([name, schema]) => {
    const { $schema: _, $id: __, id: ___, ...rest } = schema
    return [name, rest] as const
  })
  return Object.fromEntries(named)
}

const toSchema = (name: keyof typeof schemas): object => ({ $ref: `#/components/schemas/${name}` })
const json = (name: keyof typeof schemas, example: object): object => ({
  'application/json': { schema: toSchema(name), example },
})

const events = {
  'text/event-stream': {
    schema: {
      type: 'string',
      description:
        'Events: `progress` (Progress), `first_answer` (FirstAnswer and id), `slide` (SlideNews and id), and at the end `done` ' +
        '(Answer), or `later` (Running) when this connection is given up before the answer is there: GET follows on. Lines ' +
        'that begin with a colon keep the connection alive.',
    },
    example: examples.events.map(encodeEvent).join(''),
  },
}

const location = { description: 'Where the answer will be', schema: { type: 'string', format: 'uri-reference' } }
const retryAfter = { description: 'Seconds to wait', schema: { type: 'integer', minimum: 0 } }

const answered = {
  description: 'The end of the question, whichever: `status` tells',
  content: { ...json('Answer', examples.answer), ...events },
}
const notYet = {
  description: 'No answer yet; the question goes on and is answered at its Location',
  headers: { Location: location, 'Retry-After': retryAfter },
  content: json('Running', examples.running),
}

const refusals: Readonly<Record<ApiErrorCode, string>> = {
  'bad-request': 'Something is wrong with the request; `fields` tells what',
  unauthorized: 'No key, or a wrong one',
  'not-found': 'No such question of this key',
  'method-not-allowed': 'Not a method of this address',
  forgotten: 'It has ended and is not kept any more',
  'too-large': 'More than 64 KiB',
  'unsupported-media-type': 'Not JSON',
  'key-reused': 'The Idempotency-Key belongs to another request',
  'too-many-requests': 'Too many requests with this key in a minute, or too many questions waiting in this thread',
  'thread-full': 'Too many requests with this key in a minute, or too many questions waiting in this thread',
  internal: 'Something went wrong',
  'not-set-up': 'Cannot be taken right now, or the API is turned off',
  unavailable: 'Cannot be taken right now, or the API is turned off',
}

function refused(...codes: readonly ApiErrorCode[]): Record<string, object> {
  const common = ['unauthorized', 'too-many-requests', 'internal', 'unavailable'] as const
  const entries = [...codes, ...common].map((code) => {
    const waits = statusOf[code] === 429 || statusOf[code] === 503
    const answer = {
      description: refusals[code],
      ...(waits ? { headers: { 'Retry-After': retryAfter } } : {}),
      content: { 'application/json': { schema: toSchema('Error') } },
    }
    return [String(statusOf[code]), answer] as const
  })
  return Object.fromEntries(entries)
}

const preferParameter = {
  name: 'Prefer',
  in: 'header',
  description: '`respond-async`: do not wait for the answer; `wait=SECONDS`: wait that long at most (RFC 7240)',
  schema: { type: 'string' },
  example: 'wait=30',
}
const idParameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'As the answer to POST gave it',
  schema: { type: 'string' },
  example: examples.answer.id,
}

const ask = {
  operationId: 'generateSlides',
  tags: ['decks'],
  summary: 'Ask a question',
  description:
    'Waits for the answer, or streams what happens to those who accept `text/event-stream`. An accepted question is ' +
    'answered whatever happens to the connection; only DELETE stops it. Questions of one thread are answered in turn.',
  parameters: [
    preferParameter,
    {
      name: 'Idempotency-Key',
      in: 'header',
      description:
        'A request that comes again under the same key is the same question, as long as its thread is remembered',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
      example: '7f2b6d1e-q4-review',
    },
  ],
  requestBody: { required: true, content: json('GenerateRequest', examples.request) },
  responses: {
    200: answered,
    202: notYet,
    ...refused('bad-request', 'too-large', 'unsupported-media-type', 'key-reused'),
    400: { description: refusals['bad-request'], content: json('Error', examples.error) },
  },
}

const look = {
  operationId: 'getSlides',
  tags: ['decks'],
  summary: 'How far a question is, or its answer, for as long as its thread is remembered',
  parameters: [preferParameter],
  responses: { 200: answered, 202: notYet, ...refused('not-found', 'forgotten') },
}

const stop = {
  operationId: 'stopSlides',
  tags: ['decks'],
  summary: 'Stop a question',
  description: 'A question that has ended stays as it is.',
  responses: {
    200: { ...answered, content: json('Answer', { ...examples.answer, status: 'stopped', answer: 'Stopped.' }) },
    202: { ...notYet, description: 'It is stopping' },
    ...refused('not-found', 'forgotten'),
  },
}
