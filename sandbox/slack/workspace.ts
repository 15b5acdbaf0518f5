import { systemClock } from '../../src/lib/clock.ts'
import { assistantMethods } from './api/assistant.ts'
import { type ChatHooks, chatMethods } from './api/chat.ts'
import { conversationMethods } from './api/conversations.ts'
import { createFaultBook } from './api/faults.ts'
import { createFiles } from './api/files.ts'
import { createOAuth } from './api/oauth.ts'
import { peopleMethods } from './api/people.ts'
import { createRates } from './api/rates.ts'
import { streamMethods } from './api/streams.ts'
import { viewMethods } from './api/views.ts'
import { createWebApi } from './api/web-api.ts'
import {
  type ApiCall,
  type Delivery,
  sandboxSlackCredentials as credentials,
  type SlackWorkspace,
  type SlackWorkspaceOptions,
} from './contract.ts'
import { createTalk } from './talk.ts'
import { createEvents } from './deliveries/events.ts'
import { createInteractions } from './deliveries/interactions.ts'
import { createLeases } from './deliveries/leases.ts'
import { ackTimeoutMs, createSender } from './deliveries/sender.ts'
import { createPage } from './http/page.ts'
import { createRoutes } from './http/routes.ts'
import { startHttpServer } from '../local/http-server.ts'
import { waitForMessage } from '../local/wait-for-message.ts'
import { createSockets, type Sockets } from './http/sockets.ts'
import { createIds, createRandom } from './ids.ts'
import { loadManifest } from './manifest.ts'
import { createState, statusOf } from './state.ts'
import { addTeam } from './teams.ts'
import { createTime } from './time.ts'

/**
 * A stand-in for Slack's cloud on 127.0.0.1: the Web API with its limits and faults, signed deliveries to the app, and a
 * page on which people talk to it. It knows one workspace with Ada and Grace, and the app in it.
 */
export async function createSlackWorkspace(options: SlackWorkspaceOptions = {}): Promise<SlackWorkspace> {
  const closing = new AbortController()
  const time = createTime(options.clock ?? systemClock, closing.signal)
  const random = createRandom(options.seed ?? 1)
  const ids = createIds(random)
  const manifest = options.manifest ?? loadManifest()
  let url = ''
  let target: string | undefined
  let sockets: Sockets | undefined
  const calls: ApiCall[] = []
  const deliveries: Delivery[] = []

  const state = createState({ time, ids, appId: ids.next('A'), manifest, url: () => url })
  const team = addTeam(state, {
    name: 'Acme Sandbox',
    token: credentials.botToken,
    isInstalled: true,
    scopes: manifest.scopes,
  })
  const faultBook = createFaultBook({
    fileDelayMs: options.fileDelayMs ?? 150,
    enforceRates: options.enforceRates ?? false,
    revoke: (scopes) => {
      for (const { scopes: granted } of state.teams.values()) for (const scope of scopes) granted.delete(scope)
    },
  })
  const isSocketMode = options.mode === 'socket'
  const sender = createSender({
    time,
    closing: closing.signal,
    secret: credentials.signingSecret,
    target: () => target,
    socket: () => sockets?.next(),
    isSocketMode,
    deliveries,
  })
  const leases = createLeases({ time, ids, url: () => url })
  const events = createEvents({ state, sender, random, echoes: options.echoes ?? true })
  const talk = createTalk({ state, events })
  const interactions = createInteractions({ state, sender, leases })
  // What the app does sets off events; nobody waits for them.
  const hooks: ChatHooks = {
    posted: (message) => void events.posted(message),
    changed: (message, before) => void events.changed(message, before),
    deleted: (message) => void events.deleted(message),
  }
  const files = createFiles({
    state,
    posted: (message) => hooks.posted(message),
    refusal: () => faultBook.refusal(),
    delayMs: () => faultBook.faults.fileDelayMs,
  })
  const oauth = createOAuth(state)
  const webApi = createWebApi({
    state,
    oauth,
    faultBook,
    calls,
    rates: createRates(time),
    openSocket: () => sockets?.newAddress() ?? '',
    methods: {
      ...peopleMethods({ state }),
      ...chatMethods({ state, hooks }),
      ...streamMethods({ state, hooks }),
      ...conversationMethods({ state }),
      ...files.methods,
      ...viewMethods({ state, leases }),
      ...assistantMethods({ state }),
    },
  })
  const server = await startHttpServer({
    port: options.port ?? 0,
    answer: createRoutes({
      state,
      webApi,
      files,
      oauth,
      leases,
      hooks,
      page: createPage({ state, people: { ...talk, ...interactions }, team: team.team }),
    }),
  })
  url = server.url
  sockets = createSockets({ http: server, ids, appId: state.appId })

  const workspace: SlackWorkspace = {
    ...talk,
    ...interactions,
    url,
    appId: state.appId,
    ids: team,
    env: {
      SLACK_MODE: options.mode ?? 'http',
      SLACK_API_URL: `${url}/api/`,
      SLACK_BOT_TOKEN: credentials.botToken,
      SLACK_SIGNING_SECRET: credentials.signingSecret,
      ...(isSocketMode ? { SLACK_APP_TOKEN: credentials.appToken } : {}),
    },
    connect(eventsUrl) {
      target = eventsUrl
    },
    addTeam(name, { isInstalled = false } = {}) {
      return addTeam(state, { name, token: `made-up-${ids.next('s')}`, isInstalled, scopes: manifest.scopes })
    },
    async deliver(body, how = {}) {
      return await sender.post(typeof body === 'string' ? body : JSON.stringify(body), {
        contentType: how.contentType ?? 'application/json',
        secret: how.secret === undefined ? credentials.signingSecret : how.secret,
        timestampSeconds: how.timestamp ?? Math.floor(time.now() / 1000),
        retryNum: how.retryNum ?? 0,
        retryReason: how.retryReason,
        signal: AbortSignal.any([closing.signal, AbortSignal.timeout(ackTimeoutMs)]),
      })
    },
    async verifyUrl() {
      const challenge = ids.next('challenge')
      const response = await workspace.deliver({ type: 'url_verification', token: 'sandbox', challenge })
      return response.status === 200 && (await response.text()).includes(challenge)
    },
    messages(channel, threadTs) {
      const shown = state.messagesOf(channel).filter((message) => !message.isDeleted)
      return threadTs === undefined ? shown : shown.filter((each) => each.ts === threadTs || each.threadTs === threadTs)
    },
    statusOf: (channel, threadTs) => statusOf(state, channel, threadTs),
    get views() {
      return [...state.views.values()]
    },
    calls,
    deliveries,
    faults: faultBook.faults,
    waitFor: (fits, timeoutMs = 10_000) =>
      waitForMessage({
        shown: () => [...state.channels.keys()].flatMap((channel) => workspace.messages(channel)),
        onMessage: (listener) =>
          state.onChange((change) => {
            if (change.kind === 'message' && !change.message.isDeleted) listener(change.message)
          }),
        fits,
        describe: ({ text, blocks }) => text || JSON.stringify(blocks).slice(0, 200),
        timeoutMs,
      }),
    skip: (ms) => time.skip(ms),
    dropSockets: () => sockets.drop(),
    async [Symbol.asyncDispose]() {
      closing.abort(new DOMException('The workspace is closed', 'AbortError'))
      await sockets[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
  return workspace
}
