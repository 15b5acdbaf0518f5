import { sandboxCredentials, sandboxSpaceIds, type Workspace } from '../../../sandbox/databricks/contract.ts'

/** What a bare caller of the REST interface sees of one answer. */
export interface GenieReply {
  readonly conversationId: string
  readonly messageId: string
  readonly status: string
  /** Undefined when Genie answered in words. */
  readonly sql: string | undefined
  readonly description: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
  readonly text: string
  readonly purpose: string | undefined
  readonly suggestions: readonly string[]
}

interface Attachment {
  readonly attachment_id: string
  readonly query?: { readonly query: string; readonly description: string }
  readonly text?: { readonly content: string; readonly purpose?: string }
  readonly suggested_questions?: { readonly questions: readonly string[] }
}

// oxlint-disable-next-line typescript/no-explicit-any -- what a server sent, read by tests field by field
export type Json = any

/** One call with the personal token; `null` sends none. */
export async function call(
  workspace: Workspace,
  method: string,
  path: string,
  body?: unknown,
  token: string | null = sandboxCredentials.token,
): Promise<{ readonly status: number; readonly headers: Headers; readonly text: string; readonly json: Json }> {
  const response = await fetch(`${workspace.url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  let json: Json
  try {
    json = JSON.parse(text)
  } catch {
    json = undefined
  }
  return { status: response.status, headers: response.headers, text, json }
}

export const spacePath = (space: keyof typeof sandboxSpaceIds = 'sales'): string =>
  `/api/2.0/genie/spaces/${sandboxSpaceIds[space]}`

/** Asks as a client would: posts, polls until the message is final, reads the rows. */
export async function ask(
  workspace: Workspace,
  question: string,
  options: { readonly conversationId?: string | undefined; readonly space?: keyof typeof sandboxSpaceIds } = {},
): Promise<GenieReply> {
  const root = spacePath(options.space)
  const posted =
    options.conversationId === undefined
      ? await call(workspace, 'POST', `${root}/start-conversation`, { content: question })
      : await call(workspace, 'POST', `${root}/conversations/${options.conversationId}/messages`, { content: question })
  if (posted.status !== 200) throw new Error(`asking answered ${posted.status}: ${posted.text}`)
  const { conversation_id: conversationId, message_id: messageId } = posted.json
  const message = `${root}/conversations/${conversationId}/messages/${messageId}`
  for (;;) {
    const { json } = await call(workspace, 'GET', message)
    if (!['COMPLETED', 'FAILED', 'CANCELLED', 'QUERY_RESULT_EXPIRED'].includes(json.status)) {
      await new Promise((resolve) => setImmediate(resolve))
      continue
    }
    const attachments: readonly Attachment[] = json.attachments ?? []
    const query = attachments.find((attachment) => attachment.query)
    const text = attachments.find((attachment) => attachment.text)?.text
    const result = query
      ? (await call(workspace, 'GET', `${message}/attachments/${query.attachment_id}/query-result`)).json
          .statement_response
      : undefined
    return {
      conversationId,
      messageId,
      status: json.status,
      sql: query?.query?.query,
      description: query?.query?.description ?? '',
      columns: (result?.manifest.schema.columns ?? []).map(({ name }: { name: string }) => name),
      rows: result?.result.data_array ?? [],
      text: text?.content ?? '',
      purpose: text?.purpose,
      suggestions: attachments.flatMap((attachment) => attachment.suggested_questions?.questions ?? []),
    }
  }
}
