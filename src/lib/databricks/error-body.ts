import { z } from 'zod'
import { parseJson } from '../json.ts'

/** What a failed response says in its body, whatever its shape. `message` is the vendor's text, for operators. */
export interface ErrorBody {
  readonly errorCode?: string
  readonly message: string
  readonly retryAfterMs?: number
}

const text = z.string().optional().catch(undefined)
const code = z
  .union([z.string(), z.number().transform(String)])
  .optional()
  .catch(undefined)
const seconds = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d+(\.\d+)?s?$/)
      .transform(Number.parseFloat),
  ])
  .optional()
  .catch(undefined)

/** Databricks' envelope, the older `{error}`, SCIM, OAuth, chat completions and AI Gateway: all keys in one schema. */
const Envelope = z.object({
  error_code: code,
  errorCode: code,
  message: text,
  errorSummary: text,
  error_description: text,
  scimType: text,
  detail: z.unknown().optional(),
  details: z
    .array(z.object({ '@type': text, retry_delay: seconds }).catch({}))
    .optional()
    .catch(undefined),
  error: z
    .union([z.string(), z.object({ message: text, type: text, code, retry_after: seconds })])
    .optional()
    .catch(undefined),
})

/** Reads any of the error bodies that Databricks and OpenAI-compatible servers send; never fails. */
export function readErrorBody(body: string): ErrorBody {
  const parsed = Envelope.safeParse(parseJson(body))
  return parsed.success ? fromEnvelope(parsed.data) : fromText(body)
}

function fromEnvelope(body: z.infer<typeof Envelope>): ErrorBody {
  const nested = typeof body.error === 'object' ? body.error : undefined
  const flat = typeof body.error === 'string' ? body.error : undefined
  // An OAuth error is a word with its description beside it; on its own, `error` is the message.
  const errorCode =
    body.error_code ??
    body.errorCode ??
    body.scimType ??
    nested?.type ??
    nested?.code ??
    (body.error_description ? flat : undefined)
  const detail =
    body.detail === undefined || typeof body.detail === 'string' ? body.detail : JSON.stringify(body.detail)
  const message =
    body.message ?? nested?.message ?? body.error_description ?? body.errorSummary ?? detail ?? flat ?? 'no message'
  const waits = [nested?.retry_after, ...(body.details ?? []).map((item) => item.retry_delay)].filter(
    (wait) => wait !== undefined,
  )
  return {
    message: oneLine(message),
    ...(errorCode === undefined ? {} : { errorCode: oneLine(errorCode) }),
    ...(waits.length === 0 ? {} : { retryAfterMs: Math.ceil(Math.max(...waits) * 1000) }),
  }
}

function fromText(body: string): ErrorBody {
  if (body.trim() === '') return { message: 'empty body' }
  if (looksLikeHtml(body)) {
    const inner = /<pre[^>]*>([\s\S]*?)<\/pre>/i.exec(body)?.[1] ?? /<title[^>]*>([\s\S]*?)<\/title>/i.exec(body)?.[1]
    return { message: inner === undefined ? 'an HTML page' : oneLine(inner.replace(/<[^>]*>/g, ' ')) }
  }
  const [, errorCode, rest] = /^([A-Z][A-Z0-9_]+): ([\s\S]*)$/.exec(body.trim()) ?? []
  return errorCode === undefined || rest === undefined
    ? { message: oneLine(body) }
    : { errorCode, message: oneLine(rest) }
}

/** True for a web page, which an API never answers with: a login form, a proxy's notice, a wrong address. */
export function looksLikeHtml(body: string): boolean {
  return /^\s*<(?:!doctype html|html|head|body)\b/i.test(body)
}

/** Vendor text goes into one line of a log, so it is short and has no line breaks. */
function oneLine(value: string): string {
  const line = value.replace(/\s+/g, ' ').trim()
  return line.length > 300 ? `${line.slice(0, 299)}…` : line
}
