import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { examples } from '../../../src/bot/api/examples.ts'
import { toOpenApi } from '../../../src/bot/api/openapi.ts'
import {
  Answer,
  ErrorBody,
  FirstAnswer,
  GenerateRequest,
  Progress,
  Running,
  SlideNews,
} from '../../../src/bot/api/schema.ts'
import { startApiBot, type ApiBot } from '../../support/api-bot.ts'
import { isolatedRedisUrl } from '../../support/parts.ts'

const document = toOpenApi({ version: '1.2.3', basePath: '/deckhand' })
const schemas = { GenerateRequest, Progress, FirstAnswer, SlideNews, Running, Answer, Error: ErrorBody }

const Content = z.record(
  z.string(),
  z.object({ schema: z.record(z.string(), z.unknown()), example: z.unknown().optional() }),
)
const Operation = z.object({
  operationId: z.string(),
  requestBody: z.object({ content: Content }).optional(),
  responses: z.record(z.string(), z.object({ description: z.string().min(1), content: Content })),
})
const Paths = z.object({
  openapi: z.literal('3.1.1'),
  servers: z.tuple([z.object({ url: z.literal('/deckhand') })]),
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  components: z.object({ schemas: z.record(z.string(), z.record(z.string(), z.unknown())) }),
})

function* everythingIn(value: unknown, at = '#'): Generator<[at: string, value: unknown]> {
  yield [at, value]
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) yield* everythingIn(inner, `${at}/${key}`)
}

/** Each JSON content of the document: where, the schema it refers to, its example. */
function examplesInDocument(): [at: string, schema: string, example: unknown][] {
  return [...everythingIn(document)].flatMap(([at, value]) => {
    const Media = z.object({ schema: z.object({ $ref: z.string() }), example: z.record(z.string(), z.unknown()) })
    const media = Media.safeParse(value)
    if (!media.success) return []
    return [[at, media.data.schema.$ref.split('/').at(-1) ?? '', media.data.example]]
  })
}

describe('The OpenAPI document', () => {
  let bot: ApiBot
  beforeAll(async () => {
    bot = await startApiBot(await isolatedRedisUrl())
  })
  afterAll(() => bot?.[Symbol.asyncDispose]())

  it('is served to anybody', async () => {
    const response = await bot.request('/openapi.json', { key: '' })

    expect(response.status).toBe(200)
    expect(await response.json()).toEqual(JSON.parse(JSON.stringify(toOpenApi({ version: '1.2.3', basePath: '' }))))
  })

  it('has every operation there is, and every reference leads somewhere', () => {
    const { paths, components } = Paths.parse(document)
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods)
        .filter((method) => method !== 'parameters')
        .map((method) => `${method} ${path}`),
    )
    expect(operations).toEqual(['post /generate-slides', 'get /generate-slides/{id}', 'delete /generate-slides/{id}'])
    const references = [...everythingIn(document)].filter(([at]) => at.endsWith('/$ref')).map(([, to]) => to)
    const targets = Object.keys(components.schemas).map((name) => `#/components/schemas/${name}`)
    expect(references.filter((to) => !targets.includes(String(to)))).toEqual([])
  })

  it.each(examplesInDocument())('shows an example that fits at %s', (_at, schema, example) => {
    const known = schemas[schema as keyof typeof schemas]

    expect(known.safeParse(example).error).toBeUndefined()
    expect(Object.keys(known.parse(example)).toSorted()).toEqual(Object.keys(example as object).toSorted())
  })

  it('shows a stream of events that fit', () => {
    const { paths } = Paths.parse(document)
    const { responses } = Operation.parse(paths['/generate-slides']?.['post'])
    const stream = z.string().parse(responses['200']?.content['text/event-stream']?.example)
    const blocks = stream
      .trimEnd()
      .split('\n\n')
      .map((block) => /^event: (\w+)\ndata: (.*)$/.exec(block)?.slice(1))

    expect(blocks.map((block) => block?.[0])).toEqual(['progress', 'first_answer', 'slide', 'done'])
    const [progress, firstAnswer, slide, done] = blocks.map((block) => JSON.parse(block?.[1] ?? '') as unknown)
    expect(Progress.parse(progress)).toEqual(examples.progress)
    expect(FirstAnswer.parse(firstAnswer)).toEqual(examples.firstAnswer)
    expect(SlideNews.parse(slide)).toEqual(examples.slide)
    expect(Answer.parse(done)).toEqual(examples.answer)
  })

  it('says no more about a request than is checked, and no less', () => {
    const { components } = Paths.parse(document)

    expect(components.schemas['GenerateRequest']).toMatchObject({
      type: 'object',
      required: ['question'],
      additionalProperties: false,
      properties: {
        question: { type: 'string', minLength: 1, maxLength: 4000 },
        max_slides: { anyOf: [{ type: 'integer', minimum: 1, maximum: 30 }, { type: 'null' }] },
      },
    })
    expect(JSON.stringify(components)).not.toContain('$schema')
  })
})
