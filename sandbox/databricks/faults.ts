/** What a request asks for; faults are set per kind of route. `genie.ask` is start-conversation or a further message. */
export const routeKinds = [
  'oauth.token',
  'scim.me',
  'genie.spaces',
  'genie.space',
  'genie.ask',
  'genie.conversations',
  'genie.messages',
  'genie.message',
  'genie.query-result',
  'genie.execute-query',
  'genie.feedback',
  'genie.delete',
  'chat.completion',
  'serving.list',
  'serving.get',
  'serving.create',
  'serving.update',
  'serving.delete',
  'serving.invoke',
  'serving.build-logs',
  'serving.logs',
  'serving.metrics',
  'uc.create-model',
  'uc.get-model',
  'uc.set-alias',
  'uc.delete-alias',
  'uc.create-version',
  'uc.get-version',
  'uc.search-versions',
  'uc.set-tag',
  'uc.finalize',
  'uc.upload',
  'uc.download',
  'workspace.mkdirs',
  'mlflow.get-experiment',
  'mlflow.create-experiment',
  'mlflow.create-run',
  'mlflow.get-run',
  'mlflow.search-runs',
  'mlflow.log-batch',
  'mlflow.update-run',
  'mlflow.credentials',
  'mlflow.start-trace',
  'mlflow.create-trace-info',
  'mlflow.get-trace',
  'mlflow.create-assessment',
  'mlflow.search-traces',
  'otel.traces',
  'files.upload',
  'storage.upload',
] as const
export type RouteKind = (typeof routeKinds)[number]

/** What goes wrong. Those marked with a route do nothing useful elsewhere. */
export type Fault =
  /** Answers with this status instead of doing the work. A string body goes out as text, anything else as JSON. */
  | {
      readonly kind: 'status'
      readonly status: number
      readonly body?: unknown
      readonly headers?: Readonly<Record<string, string>>
    }
  /** 429 in one of the shapes seen in the wild (databricks-api.md §2.5). */
  | {
      readonly kind: 'rate-limited'
      readonly shape: 'documented' | 'envelope' | 'gateway' | 'string' | 'empty'
      readonly retryAfterSeconds?: number
    }
  /** Does the work, then breaks the connection instead of answering. */
  | { readonly kind: 'reply-lost' }
  /** Breaks the connection before any work. */
  | { readonly kind: 'reset' }
  /** Waits this much longer (on the workspace's clock) before the work. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** 302 to an HTML login page, as behind a private link. */
  | { readonly kind: 'login-redirect' }
  /** 200 with an HTML page where JSON was due. */
  | { readonly kind: 'html' }
  /** 200 with JSON that ends too early. */
  | { readonly kind: 'malformed-json' }
  /** `genie.ask`: the message ends FAILED with this error inside a 200, such as SQL_EXECUTION_EXCEPTION. */
  | {
      readonly kind: 'message-failed'
      readonly type: string
      readonly error: string
      readonly suggestions?: readonly string[]
    }
  /** `genie.ask`: the message ends CANCELLED. */
  | { readonly kind: 'message-cancelled' }
  /** `genie.ask`: never leaves ASKING_AI. */
  | { readonly kind: 'message-stuck' }
  /** `genie.ask`: Genie corrects itself; a superseded text and query come before the right ones. */
  | { readonly kind: 'self-correction' }
  /** `genie.message`: this poll shows this status, known to nobody, and `attachments: null`. */
  | { readonly kind: 'message-status'; readonly status: string }
  /** `genie.message`: from now on the rows of this message are gone (QUERY_RESULT_EXPIRED) until execute-query. */
  | { readonly kind: 'result-expired' }
  /** `genie.query-result`: this call shows the statement in this state, without rows. */
  | { readonly kind: 'statement-state'; readonly state: 'PENDING' | 'RUNNING' | 'FAILED' | 'CANCELED' | 'CLOSED' }
  /** `storage.upload`: the signed address has expired. */
  | { readonly kind: 'signature-expired' }
  /** `serving.create`, `serving.update`: building the model's container fails, with this at the end of its log. */
  | { readonly kind: 'build-failed'; readonly log: string }
  /** `serving.create`, `serving.update`: the model is built and comes up, but the change fails with this message. */
  | { readonly kind: 'update-failed'; readonly message: string }
  /** `serving.create`, `serving.update`: the change never ends; the endpoint takes the next one all the same once this is over. */
  | { readonly kind: 'update-hangs' }
  /** `serving.get`: this look shows the endpoint not ready. */
  | { readonly kind: 'endpoint-flaps' }
  /** `serving.invoke`: the model is not asked; these are its answers, the first for rows that have none, or none at all. */
  | { readonly kind: 'wrong-answer'; readonly predictions: readonly unknown[] }
  /** `uc.finalize`: the version does not become ready. */
  | { readonly kind: 'registration-failed' }
  | { readonly kind: 'registration-stuck' }
  /** `chat.completion`: `content` comes as an array of parts, with reasoning before the text. */
  | { readonly kind: 'content-parts' }

export interface FaultPlan {
  readonly on: RouteKind
  readonly fault: Fault
  /** Requests of this kind that pass untouched first (default 0). */
  readonly skip?: number
  /** Requests that get the fault after that (default 1). */
  readonly times?: number
}

/** Faults to come, set by a test while the workspace runs. */
export interface Faults {
  add(plan: FaultPlan): void
  /** Forgets every plan. */
  clear(): void
  /** The fault for a request of this kind, if one is due; counts the request. Only the server calls this. */
  take(on: RouteKind): Fault | undefined
}

/** An empty set of plans. Of several plans for one kind, each sees every request and the first added wins. */
export function createFaults(): Faults {
  let plans: { on: RouteKind; fault: Fault; skip: number; times: number }[] = []
  return {
    add: ({ on, fault, skip = 0, times = 1 }) => void plans.push({ on, fault, skip, times }),
    clear: () => void (plans = []),
    take(on) {
      let due: Fault | undefined
      for (const plan of plans) {
        if (plan.on !== on || plan.times === 0) continue
        if (plan.skip > 0) {
          plan.skip -= 1
        } else if (due === undefined) {
          plan.times -= 1
          due = plan.fault
        }
      }
      return due
    },
  }
}
