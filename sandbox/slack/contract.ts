import type { Clock } from '../../src/lib/clock.ts'

/** Settings of `createSlackWorkspace` in `workspace.ts`; all have a default. */
export interface SlackWorkspaceOptions {
  /** Rules timestamps, stream and trigger lifetimes, retries and rate limits (default: the system's). */
  readonly clock?: Clock
  /** Port on 127.0.0.1 (default 0: any free one). */
  readonly port?: number
  /** Decides what Slack leaves to chance, such as which of two copies of a message comes first (default 1). */
  readonly seed?: number
  /** How long after its upload a file can be used in blocks and shows up in the channel (default 150 ms). */
  readonly fileDelayMs?: number
  /** Scopes, events and shortcuts come from this manifest (default: the app's own, or what it needs while there is none). */
  readonly manifest?: AppManifest
  /** Refuse calls beyond the documented rates with 429 (default false; faults can refuse single ones). */
  readonly enforceRates?: boolean
  /** How the app is told: signed requests, or a WebSocket it opened (default `http`). */
  readonly mode?: 'http' | 'socket'
  /** The app sees its own messages, and their edits, as events too, as Slack does (default true). */
  readonly echoes?: boolean
}

/** What the app declares to Slack; the part that changes what Slack does. */
export interface AppManifest {
  readonly scopes: readonly string[]
  /** Such as `app_mention` or `message.im`. */
  readonly events: readonly string[]
  readonly commands: readonly {
    readonly command: string
    readonly description: string
    readonly hint: string
    /** `should_escape`: text comes in Slack's markup, as in messages (default: as it was typed). */
    readonly isEscaped?: boolean
  }[]
  readonly shortcuts: readonly {
    readonly name: string
    readonly callbackId: string
    readonly type: 'message' | 'global'
  }[]
  /** Whether the app declares `agent_view`; such apps get `app_home_opened` for their messages tab. */
  readonly isAgent: boolean
  /** Offered in a direct message with the app. */
  readonly prompts: readonly { readonly title: string; readonly message: string }[]
}

/** Made up for the sandbox; none of it is secret. */
export const sandboxSlackCredentials = {
  signingSecret: 'sandbox-signing-secret',
  clientId: '1111111111.2222222222',
  clientSecret: 'sandbox-client-secret',
  botToken: 'made-up-bot-token',
  appToken: 'made-up-app-token',
} as const

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json | undefined }

/** A Block Kit block as the app sent it, its `block_id` filled in. */
export type Block = Readonly<Record<string, unknown>> & { readonly type: string }

/** A file as it hangs on a message. */
export interface SharedFile {
  readonly id: string
  readonly name: string
  readonly title: string
  /** '' until Slack has processed it. */
  readonly mimetype: string
  readonly size: number
  /** Where the page shows it; the app itself uses `url_private` of `files.info`. */
  readonly pageUrl: string
}

/** A message as people see it now. */
export interface Message {
  readonly ts: string
  readonly channel: string
  /** The author; the app's bot user for the app's own. */
  readonly user: string
  readonly botId?: string
  readonly text: string
  readonly threadTs?: string
  readonly blocks: readonly Block[]
  readonly files: readonly SharedFile[]
  readonly metadata?: { readonly event_type: string; readonly event_payload: Readonly<Record<string, unknown>> }
  /** Only this person sees it: an ephemeral message. */
  readonly visibleTo?: string
  readonly isStreaming: boolean
  readonly isEdited: boolean
  readonly isDeleted: boolean
  /** What it showed before each edit, oldest first; `at` is when it came to show it. */
  readonly earlier: readonly { readonly at: number; readonly text: string; readonly blocks: readonly Block[] }[]
  /** Milliseconds since the epoch: posted, and last changed. */
  readonly postedAt: number
  readonly changedAt: number
}

/** One try to hand something to the app. */
export interface DeliveryAttempt {
  /** 0 for the first, as in `x-slack-retry-num` after that. */
  readonly retryNum: number
  /** `http_timeout`, `http_error` or `connection_failed`; absent for the first. */
  readonly retryReason?: string
  readonly at: number
  /** 0 when there was no answer in time. */
  readonly status: number
  /** Wall-clock time until the answer, in milliseconds. */
  readonly latencyMs: number
  readonly body: string
}

/** Something the app was told: an event, a command or an interaction. */
export interface Delivery {
  readonly kind: 'event' | 'command' | 'interaction'
  /** `app_mention`, `message`, `message_changed`, `/deck`, `block_actions` … */
  readonly type: string
  /** Of events only. */
  readonly eventId?: string
  readonly payload: Readonly<Record<string, unknown>>
  /** Grows while Slack retries. */
  readonly attempts: readonly DeliveryAttempt[]
  /** No more attempts will follow. */
  readonly isDone: boolean
}

/** A call of the app to the Web API. */
export interface ApiCall {
  readonly method: string
  /** Without the token. */
  readonly args: Readonly<Record<string, unknown>>
  /** Whose token; '' when it was none. */
  readonly team: string
  readonly at: number
  /** HTTP status; 0 when the connection was broken on purpose. */
  readonly status: number
  /** Slack's error name; absent when it was `ok`. */
  readonly error?: string
}

/** A modal that is open in front of a person. */
export interface OpenView {
  readonly id: string
  readonly user: string
  readonly team: string
  readonly hash: string
  /** The view under this one; absent for the first. */
  readonly previousId?: string
  readonly rootId: string
  readonly type: 'modal'
  readonly title: string
  readonly callbackId: string
  readonly privateMetadata: string
  readonly blocks: readonly Block[]
  /** Messages under fields after a refused submission, by block id. */
  readonly errors: Readonly<Record<string, string>>
  readonly notifiesOnClose: boolean
  readonly submit: string
  readonly close: string
}

/** What goes wrong on purpose. Each entry counts calls of its method and is then used up. */
export interface SlackFaults {
  /** 429 with Retry-After in seconds. */
  rateLimit(method: string, retryAfterSeconds: number, times?: number): void
  /** `ok: false` with this error, without doing anything. */
  fail(method: string, error: string, times?: number): void
  /** A bare HTTP status with an HTML body, as a proxy or an outage gives. */
  failHttp(method: string, status: number, times?: number): void
  /** Does the work, then breaks the connection instead of answering. */
  loseReply(method: string, times?: number): void
  /** Answers this much later, on the wall clock, after doing the work. */
  slow(method: string, delayMs: number, times?: number): void
  /**
   * The workspace's rule about uploads, until told otherwise: `file_uploads_disabled`,
   * `file_uploads_except_images_disabled`, `file_type_not_allowed` …; undefined takes all files again.
   */
  refuseFiles(reason: string | undefined): void
  /** Time until an uploaded file can be used, for files to come. */
  fileDelayMs: number
  /** Calls beyond the documented rates get 429. */
  enforceRates: boolean
  /** Takes these scopes away from the installed app. */
  revokeScopes(...scopes: readonly string[]): void
  clear(): void
}

/** What saying, changing or pressing something led to. Deliveries have had their first attempt. */
export interface Said {
  readonly ts: string
  readonly channel: string
  readonly deliveries: readonly Delivery[]
}

/** A file a person sends along. */
export interface SentFile {
  readonly name: string
  readonly mimetype: string
  readonly bytes: Uint8Array
}

/** What people do in the workspace; all of it reaches the app as Slack would send it. */
export interface People {
  /**
   * Writes a message; `@Deckhand` in the text becomes a mention. A mention in a channel arrives twice, as `app_mention`
   * and as `message`, in either order.
   */
  say(message: {
    readonly user: string
    readonly channel: string
    readonly text: string
    readonly threadTs?: string
    readonly files?: readonly SentFile[]
    /** Written by another app instead of a person. */
    readonly asBot?: string
  }): Promise<Said>
  /** Changes what a person wrote. */
  edit(message: { readonly channel: string; readonly ts: string; readonly text: string }): Promise<Said>
  /** The first message of a thread leaves a tombstone, by Slackbot. */
  remove(message: { readonly channel: string; readonly ts: string }): Promise<Said>
  /** `status` and `body` are what the app answered; text in it is shown to the person. */
  command(command: {
    readonly user: string
    readonly channel: string
    readonly command: string
    readonly text: string
  }): Promise<Answered>
  /**
   * Presses what a message or modal shows. `value` picks one of a menu, or of the two feedback buttons.
   * @throws Error when no such element is to be seen
   */
  press(target: {
    readonly user: string
    readonly channel: string
    readonly ts: string
    readonly actionId: string
    readonly value?: string
    readonly blockId?: string
  }): Promise<Answered>
  pressInView(target: {
    readonly viewId: string
    readonly actionId: string
    readonly value?: string
  }): Promise<Answered>
  /** A shortcut on a message. */
  shortcut(target: {
    readonly user: string
    readonly channel: string
    readonly ts: string
    readonly callbackId: string
  }): Promise<Answered>
  /** Sends a modal with what was filled in: action id to text, picked value, or picked values. */
  submitView(submission: {
    readonly viewId: string
    readonly values: Readonly<Record<string, string | readonly string[]>>
  }): Promise<Answered>
  closeView(viewId: string): Promise<Answered | undefined>
  /** Opens the direct message with the app: its channel; the app hears of it. */
  openDirectMessage(user: string): Promise<string>
  /** A direct message with several people and the app: its channel. */
  openGroupMessage(users: readonly string[]): string
  /** Takes the app out of the workspace: its token stops working and it is told. */
  uninstall(team?: string): Promise<Said>
  invite(channel: string): void
}

export interface Answered {
  readonly status: number
  readonly body: string
  readonly delivery: Delivery
}

/** One workspace (Slack: team) with the app in it. */
export interface TeamIds {
  readonly team: string
  readonly bot: string
  readonly botUser: string
  readonly token: string
  readonly people: { readonly ada: string; readonly grace: string }
  /** The app is in `sales` and `general`, not in `finance`. */
  readonly channels: { readonly sales: string; readonly general: string; readonly finance: string }
}

/** A running stand-in. Disposing it ends deliveries, closes every connection and frees the port. */
export interface SlackWorkspace extends AsyncDisposable, People {
  /** Page for people at `${url}/`, Web API at `${url}/api/`; no slash at the end. */
  readonly url: string
  /** What points the app here. */
  readonly env: Readonly<Record<string, string>>
  readonly ids: TeamIds
  readonly appId: string
  /** Where signed deliveries go, such as `http://127.0.0.1:3000/slack/events`. Nothing is sent before. */
  connect(eventsUrl: string): void
  /** A second customer, its workspace made now; without the app unless installed. */
  addTeam(name: string, options?: { readonly isInstalled?: boolean }): TeamIds
  /** A signed request with any body; `how` makes it forged, old, unsigned or repeated. Strings go out as they are. */
  deliver(
    body: unknown,
    how?: {
      readonly retryNum?: number
      readonly retryReason?: string
      /** Signs with this; null sends no signature. */
      readonly secret?: string | null
      /** Seconds since the epoch. */
      readonly timestamp?: number
      readonly contentType?: string
    },
  ): Promise<Response>
  /** The `url_verification` handshake. True when the app answered with the challenge. */
  verifyUrl(): Promise<boolean>
  /** What a channel shows, oldest first; with `threadTs` that thread, its root first. Deleted ones are left out. */
  messages(channel: string, threadTs?: string): readonly Message[]
  /** Status under the composer, `is thinking …`; '' when there is none. */
  statusOf(channel: string, threadTs: string): string
  readonly views: readonly OpenView[]
  /** Oldest first. */
  readonly calls: readonly ApiCall[]
  readonly deliveries: readonly Delivery[]
  readonly faults: SlackFaults
  /** The first message that fits, now or as soon as there is one. @throws Error after `timeoutMs`, 10 s by default */
  waitFor(fits: (message: Message) => boolean, timeoutMs?: number): Promise<Message>
  /** Ends the app's Socket Mode connections, as Slack does now and then. */
  dropSockets(): void
  /** Lets time pass here without waiting: streams end, triggers, response URLs and statuses expire, retries come. */
  skip(ms: number): void
}
