import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ServerResponse } from 'node:http'
import { z } from 'zod'
import type { Answered, Message, People } from '../contract.ts'
import { serveFile } from './file.ts'
import type { HttpAnswer, HttpReply, HttpRequest } from '../../local/http-server.ts'
import type { Shown, ShownChannel, ShownMessage } from '../shown.ts'
import { type Change, type Channel, type State, statusOf } from '../state.ts'

/** The page for people: its files, what it shows, and what is done on it. */
export interface Page {
  answer(request: HttpRequest): Promise<HttpAnswer>
}

const pageFiles: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
}

/** Nothing but the page's own files; pictures may be anywhere, as in a chat. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const text = z.string()
const at = { channel: text, ts: text }
const values = z.record(text, z.union([text, z.array(text)]))
const Done = z.discriminatedUnion('what', [
  z.object({ what: z.literal('say'), as: text, channel: text, text, threadTs: text.optional() }),
  z.object({ what: z.literal('edit'), as: text, ...at, text }),
  z.object({ what: z.literal('remove'), as: text, ...at }),
  z.object({ what: z.literal('command'), as: text, channel: text, command: text, text }),
  z.object({
    what: z.literal('press'),
    as: text,
    ...at,
    actionId: text,
    blockId: text.optional(),
    value: text.optional(),
  }),
  z.object({ what: z.literal('pressInView'), as: text, viewId: text, actionId: text, value: text.optional() }),
  z.object({ what: z.literal('shortcut'), as: text, ...at, callbackId: text }),
  z.object({ what: z.literal('submit'), as: text, viewId: text, values }),
  z.object({ what: z.literal('close'), as: text, viewId: text }),
  z.object({ what: z.literal('direct'), as: text }),
  z.object({ what: z.literal('invite'), as: text, channel: text }),
])

export function createPage(deps: { readonly state: State; readonly people: People; readonly team: string }): Page {
  const { state } = deps
  return {
    async answer(request) {
      const [, area = '', name = '', id = ''] = request.path.split('/')
      if (area === '') return await pageFile('index.html')
      switch (name) {
        case 'people':
          return json(200, visitors(state, deps.team))
        case 'events':
          return (response) => stream(state, deps.team, request.query.get('as') ?? '', response)
        case 'files': {
          const file = state.files.get(id)
          if (!file) return notFound
          return serveFile(file, { asDownload: request.query.has('download') })
        }
        case 'do':
          return await act(deps.state, deps.people, request)
        default:
          return await pageFile(name)
      }
    },
  }
}

async function pageFile(name: string): Promise<HttpReply> {
  const type = pageFiles[/^[a-z-]+\.(\w+)$/.exec(name)?.[1] ?? '']
  if (type === undefined) return notFound
  try {
    return {
      status: 200,
      headers: {
        'content-type': type,
        'content-security-policy': policy,
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-cache',
      },
      body: await readFile(join(import.meta.dirname, '../page', name)),
    }
  } catch {
    return notFound
  }
}

const notFound: HttpReply = { status: 404, body: 'Not found\n' }
const json = (status: number, body: unknown): HttpReply => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  body: JSON.stringify(body),
})

const visitors = (state: State, team: string) =>
  [...state.people.values()].filter((person) => person.team === team && !person.isBot)

/** Does what a person did on the page. Other pages cannot: they would have to ask before sending JSON. */
async function act(state: State, people: People, request: HttpRequest): Promise<HttpReply> {
  const isJson = request.headers['content-type']?.startsWith('application/json') === true
  if (request.method !== 'POST' || !isJson) return json(415, { error: 'Send JSON' })
  const done = Done.safeParse(parse(request.body.toString('utf8')))
  if (!done.success) return json(400, { error: z.prettifyError(done.error) })
  try {
    return json(200, await perform(state, people, done.data))
  } catch (error) {
    return json(409, { error: error instanceof Error ? error.message : String(error) })
  }
}

async function perform(state: State, people: People, done: z.infer<typeof Done>): Promise<Record<string, unknown>> {
  const user = done.as
  const own = (viewId: string): string => {
    if (state.views.get(viewId)?.user !== user) throw new Error('This dialog is no longer open')
    return viewId
  }
  const mine = (channel: string, ts: string): void => {
    if (state.find(channel, ts)?.user !== user) throw new Error('Only who wrote a message can change it')
  }
  switch (done.what) {
    case 'say': {
      const { threadTs } = done
      const { ts } = await people.say({
        user,
        channel: done.channel,
        text: done.text,
        ...(threadTs === undefined ? {} : { threadTs }),
      })
      return { ts }
    }
    case 'edit':
      mine(done.channel, done.ts)
      await people.edit(done)
      return {}
    case 'remove':
      mine(done.channel, done.ts)
      await people.remove(done)
      return {}
    case 'command':
      if (!state.manifest.commands.some(({ command }) => command === done.command)) {
        throw new Error(`There is no command ${done.command} here`)
      }
      await people.command({ ...done, user })
      return {} // a failure is shown as a message
    case 'press': {
      const { blockId, value } = done
      const answered = await people.press({
        user,
        channel: done.channel,
        ts: done.ts,
        actionId: done.actionId,
        ...(blockId === undefined || blockId === '' ? {} : { blockId }),
        ...(value === undefined ? {} : { value }),
      })
      return problemOf(answered)
    }
    case 'pressInView':
      return problemOf(
        await people.pressInView({
          viewId: own(done.viewId),
          actionId: done.actionId,
          ...(done.value === undefined ? {} : { value: done.value }),
        }),
      )
    case 'shortcut':
      return problemOf(await people.shortcut({ ...done, user }))
    case 'submit':
      await people.submitView({ viewId: own(done.viewId), values: done.values })
      return {} // a failure is shown in the dialog
    case 'close':
      await people.closeView(own(done.viewId))
      return {}
    case 'direct':
      return { channel: await people.openDirectMessage(user) }
    case 'invite':
      people.invite(done.channel)
      return {}
  }
}

/** Slack puts a warning sign beside a button whose press was not acknowledged. */
function problemOf({ status }: Answered): Record<string, unknown> {
  if (status >= 200 && status < 300) return {}
  return { problem: status === 0 ? 'The app did not answer in time.' : `The app answered with HTTP status ${status}.` }
}

/** Server-sent events: everything at first, then every change that this person may see. */
function stream(state: State, team: string, me: string, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  const send = (event: string, data: unknown): void =>
    void response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  send('state', snapshot(state, team, me))
  const stop = state.onChange((change: Change) => {
    switch (change.kind) {
      case 'message':
        if (maySee(state, me, change.message)) send('message', toShown(change.message))
        break
      case 'views':
        send('views', viewsOf(state, me))
        break
      case 'channels':
        send('places', { channels: channelsOf(state, team, me) })
        break
      case 'status':
        send('status', { ...change, text: statusOf(state, change.channel, change.threadTs) })
    }
  })
  response.on('close', stop)
}

function snapshot(state: State, team: string, me: string): Shown {
  const channels = channelsOf(state, team, me)
  return {
    me,
    team: state.teams.get(team)?.name ?? '',
    people: [...state.people.values()].filter((person) => person.team === team),
    channels,
    messages: channels.flatMap(({ id }) =>
      state
        .messagesOf(id)
        .filter((message) => !message.isDeleted && maySee(state, me, message))
        .map(toShown),
    ),
    views: viewsOf(state, me),
    statuses: [...state.statuses.keys()].map((key) => {
      const [channel = '', threadTs = ''] = key.split(' ')
      return { channel, threadTs, text: statusOf(state, channel, threadTs) }
    }),
    commands: state.manifest.commands,
    shortcuts: state.manifest.shortcuts.filter(({ type }) => type === 'message'),
    app: { user: state.teams.get(team)?.ids.botUser ?? '' },
  }
}

const viewsOf = (state: State, me: string) => [...state.views.values()].filter((view) => view.user === me)

const channelsOf = (state: State, team: string, me: string): readonly ShownChannel[] =>
  [...state.channels.values()]
    .filter((channel) => channel.team === team && channel.members.has(me))
    .map((channel: Channel) => ({
      ...channel,
      members: [...channel.members],
      prompts: state.prompts.get(channel.id) ?? (channel.kind === 'im' ? state.manifest.prompts : []),
    }))

function maySee(state: State, me: string, message: Message): boolean {
  const isMember = state.channels.get(message.channel)?.members.has(me) === true
  return isMember && (message.visibleTo === undefined || message.visibleTo === me)
}

function toShown({ earlier: _earlier, ...message }: Message): ShownMessage {
  return message
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
