import { z } from 'zod'

/**
 * What Databricks takes as a schema of an answer.
 * @see https://docs.databricks.com/aws/en/machine-learning/model-serving/structured-outputs
 */
const mostKeys = 64
const forbidden = [
  'oneOf',
  'allOf',
  'anyOf',
  'not',
  '$ref',
  '$defs',
  'prefixItems',
  'pattern',
  'propertyNames',
] as const

type JsonSchema = Readonly<Record<string, unknown>>

/**
 * The JSON schema a language model is asked to fill. Flat by necessity: no unions except with null, no references, no
 * maps, no patterns. Limits that endpoints refuse or ignore (lengths, counts, ranges) are said in the description
 * instead; the zod schema still checks them.
 * @throws TypeError naming the place, when a schema cannot be expressed: call it where the schema is defined
 */
export function toResponseSchema(schema: z.ZodType): Record<string, unknown> {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'throw' })
  const plain = simplify(json, 'answer')
  if (plain['type'] !== 'object')
    throw new TypeError(`Schema of an answer is ${String(plain['type'])}, expected an object`)
  const keys = countKeys(plain)
  if (keys > mostKeys) throw new TypeError(`Schema of an answer has ${keys} keys, expected at most ${mostKeys}`)
  return plain
}

function simplify(given: JsonSchema, place: string): Record<string, unknown> {
  const { description, ...schema } = unwrapNullable(given)
  const bad = forbidden.find((key) => schema[key] !== undefined)
  if (bad !== undefined) throw new TypeError(`Schema of an answer uses ${bad} at ${place}, which endpoints refuse`)
  const said = [description, ...limitsInWords(schema)].filter((text) => typeof text === 'string').join(' ')
  const type = schema['type']
  const isA = (name: string): boolean => type === name || (Array.isArray(type) && type.includes(name))
  if (Array.isArray(type) && !(type.length === 2 && type[1] === 'null')) {
    throw new TypeError(`Schema of an answer has a union at ${place}, expected one type, or one type and null`)
  }
  if (type === undefined && schema['enum'] === undefined && schema['const'] === undefined) {
    throw new TypeError(`Schema of an answer allows anything at ${place}, expected a type`)
  }
  return {
    ...(type === undefined ? {} : { type }),
    ...(said === '' ? {} : { description: said }),
    ...(schema['const'] === undefined ? {} : { enum: [schema['const']] }),
    ...(schema['enum'] === undefined ? {} : { enum: schema['enum'] }),
    ...(isA('array') ? { items: simplify(asSchema(schema['items'], `${place}[]`), `${place}[]`) } : {}),
    ...(isA('object') ? objectParts(schema, place) : {}),
  }
}

function objectParts(schema: JsonSchema, place: string): Record<string, unknown> {
  const { properties, required } = schema
  if (typeof properties !== 'object' || properties === null) {
    throw new TypeError(`Schema of an answer has a map at ${place}, expected named keys`)
  }
  const entries = Object.entries(properties)
  return {
    properties: Object.fromEntries(
      entries.map(([key, value]) => [key, simplify(asSchema(value, `${place}.${key}`), `${place}.${key}`)]),
    ),
    required: required ?? [],
    additionalProperties: false,
  }
}

/** zod writes `x | null` as a union of two; endpoints take a list of two types instead. */
function unwrapNullable(schema: JsonSchema): JsonSchema {
  const { anyOf, ...rest } = schema
  if (!Array.isArray(anyOf) || anyOf.length !== 2) return schema
  const [value, other] = anyOf as [JsonSchema, JsonSchema]
  if (other['type'] !== 'null' || typeof value['type'] !== 'string') return schema
  return {
    ...value,
    ...rest,
    type: [value['type'], 'null'],
    ...(Array.isArray(value['enum']) ? { enum: [...(value['enum'] as unknown[]), null] } : {}),
  }
}

function limitsInWords(schema: JsonSchema): readonly string[] {
  const words: string[] = []
  const say = (key: string, text: (limit: number) => string): void => {
    const limit = schema[key]
    if (typeof limit === 'number' && Math.abs(limit) < Number.MAX_SAFE_INTEGER) words.push(text(limit))
  }
  say('minItems', (limit) => `At least ${limit} ${limit === 1 ? 'item' : 'items'}.`)
  say('maxItems', (limit) => `At most ${limit} ${limit === 1 ? 'item' : 'items'}.`)
  say('minLength', (limit) => (limit === 1 ? 'Not empty.' : `At least ${limit} characters.`))
  say('maxLength', (limit) => `At most ${limit} characters.`)
  say('minimum', (limit) => `At least ${limit}.`)
  say('maximum', (limit) => `At most ${limit}.`)
  say('exclusiveMinimum', (limit) => `More than ${limit}.`)
  say('exclusiveMaximum', (limit) => `Less than ${limit}.`)
  return words
}

/** True when every key of every object is required, which `strict` demands. */
export function fitsStrict(schema: JsonSchema): boolean {
  const properties = schema['properties'] as Readonly<Record<string, JsonSchema>> | undefined
  const required = (schema['required'] ?? []) as readonly string[]
  const items = schema['items'] as JsonSchema | undefined
  return (
    Object.entries(properties ?? {}).every(([key, value]) => required.includes(key) && fitsStrict(value)) &&
    (items === undefined || fitsStrict(items))
  )
}

function countKeys(schema: JsonSchema): number {
  const children = Object.values((schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>)
  const items = schema['items'] === undefined ? 0 : countKeys(schema['items'] as JsonSchema)
  return children.reduce((sum, child) => sum + 1 + countKeys(child), items)
}

function asSchema(value: unknown, place: string): JsonSchema {
  if (typeof value === 'object' && value !== null) return value as JsonSchema
  throw new TypeError(`Schema of an answer allows anything at ${place}, expected a type`)
}
