import { createComposer } from './composer.js'
import { byId, el } from './dom.js'
import { renderMessage } from './message.js'
import { renderModals } from './modal.js'
import { act, listen, loadPeople } from './server.js'

/**
 * The page: channels on the left, a channel in the middle, a thread on the right. It shows what the stand-in says, and
 * keeps nothing but who the person is, where they are, and what they have not sent yet.
 */

const firstQuestions = [
  '@Deckhand What were Q4 2023 sales by region?',
  '@Deckhand Which customers left us in 2024, and what did they spend?',
  '@Deckhand Show monthly revenue of 2023 as a line chart',
]

const people = await loadPeople()
/** @typedef {import('../contract.ts').OpenView} OpenView */
/** @typedef {import('../shown.ts').Shown} Shown */
/** @typedef {import('../shown.ts').ShownMessage} ShownMessage */
/** @typedef {import('../shown.ts').ShownChannel} ShownChannel */

/** @type {{ -readonly [Key in keyof Shown]: Shown[Key] }} */
let state = {
  me: '',
  team: '',
  people: [],
  channels: [],
  messages: [],
  views: [],
  statuses: [],
  commands: [],
  shortcuts: [],
  app: { user: '' },
}
let me = sessionStorage.getItem('me') ?? ''
if (!people.some(({ id }) => id === me)) me = people[0]?.id ?? ''
let { channel, thread } = readHash()
/** Threads that open by themselves when the app answers in them. @type {Set<string>} */
const awaited = new Set()
/** @type {Map<string, string>} */
const drafts = new Map()
/** @type {ReturnType<typeof listen> | undefined} */
let line
/** @type {ReturnType<typeof createComposer> | undefined} */
let channelComposer

const names = {
  nameOfUser: (/** @type {string} */ id) =>
    state.people.find((each) => each.id === id)?.name ?? (id === 'USLACKBOT' ? 'Slackbot' : id),
  nameOfChannel: (/** @type {string} */ id) => state.channels.find((each) => each.id === id)?.name ?? id,
  isMe: (/** @type {string} */ id) => id === me,
}
const fileUrl = (/** @type {string} */ id) => `/page/files/${id}/picture`

/**
 * Does something, and says so when it does not work.
 *
 * @param {string} what
 * @param {Record<string, unknown>} details
 */
async function run(what, details) {
  try {
    const answer = await act(me, what, details)
    if (answer.problem) toast(answer.problem)
    return answer
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error))
    return undefined
  }
}

/** @param {string} text */
function toast(text) {
  const note = el('p', { text })
  byId('toasts').append(note)
  setTimeout(() => note.remove(), 8000)
}

const current = () => state.channels.find((each) => each.id === channel)
const repliesOf = (/** @type {ShownMessage} */ message) =>
  state.messages.filter(
    (each) => each.channel === message.channel && each.threadTs === message.ts && each.ts !== message.ts,
  )

/** @param {ShownMessage} message */
function actionsOf(message) {
  const isMine = message.user === me && message.botId === undefined
  const at = { channel: message.channel, ts: message.ts }
  return [
    ...(message.visibleTo === undefined ? state.shortcuts : []).map((shortcut) => ({
      title: shortcut.name,
      choose: () => void run('shortcut', { ...at, callbackId: shortcut.callbackId }),
    })),
    ...(isMine
      ? [
          { title: 'Edit message', choose: () => edit(message) },
          { title: 'Delete message', choose: () => void run('remove', at) },
        ]
      : []),
  ]
}

/** @param {ShownMessage} message */
function edit(message) {
  const shown = names.nameOfUser(state.app.user)
  const text = message.text
    .replaceAll(`<@${state.app.user}>`, `@${shown}`)
    .replaceAll(/<(https?:[^>|]+)>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
  const input = el('textarea', { 'aria-label': 'Message', rows: 3, name: 'text' })
  input.value = text
  const dialog = el('dialog', { class: 'modal', 'aria-label': 'Edit message' }, [
    el('form', { method: 'dialog' }, [
      el('h2', { text: 'Edit message' }),
      el('div', { class: 'field' }, [input]),
      el('div', { class: 'actions end' }, [
        el('button', { class: 'button', text: 'Cancel', value: '' }),
        el('button', { class: 'button primary', text: 'Save', value: 'save' }),
      ]),
    ]),
  ])
  dialog.addEventListener('close', () => {
    dialog.remove()
    if (dialog.returnValue === 'save') void run('edit', { channel: message.channel, ts: message.ts, text: input.value })
  })
  document.body.append(dialog)
  dialog.showModal()
}

/** @param {((message: ShownMessage) => void) | undefined} openThread */
const scene = (openThread) => ({
  names,
  fileUrl,
  actionsOf,
  repliesOf,
  openThread,
  press: async (/** @type {ShownMessage} */ message, /** @type {import('./blocks.js').Use} */ use) => {
    await run('press', { channel: message.channel, ts: message.ts, ...use })
  },
})

/**
 * Draws a list of messages, keeping the elements of those that are there. Stays at the end for who was at the end.
 *
 * @param {string} part `channel` or `thread`
 * @param {readonly ShownMessage[]} messages
 * @param {((message: ShownMessage) => void) | undefined} openThread
 * @param {ShownMessage} [changed] the one message that is new or different; all when left out
 */
function renderList(part, messages, openThread, changed) {
  const list = byId(`${part}-messages`)
  const scroll = byId(`${part}-scroll`)
  const wasAtEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80
  const known = new Map(
    [...list.children].flatMap((item) => (item instanceof HTMLElement ? [[item.dataset['ts'] ?? '', item]] : [])),
  )
  let before = /** @type {Element | null} */ (null)
  for (const message of messages) {
    const old = known.get(message.ts)
    known.delete(message.ts)
    const isTouched = !changed || changed.ts === message.ts || changed.threadTs === message.ts
    const item = old && !isTouched ? old : renderMessage(message, scene(openThread), old)
    if (before ? before.nextElementSibling !== item : list.firstElementChild !== item) {
      if (before) before.after(item)
      else list.prepend(item)
    }
    before = item
  }
  for (const gone of known.values()) gone.remove()
  const isOwn = changed !== undefined && changed.user === me && changed.changedAt === changed.postedAt
  if (wasAtEnd || isOwn || !changed) scroll.scrollTop = scroll.scrollHeight
}

/** @param {ShownMessage} [changed] */
function renderMessages(changed) {
  const here = state.messages.filter((each) => each.channel === channel)
  renderList(
    'channel',
    here.filter((each) => each.threadTs === undefined),
    openThread,
    changed,
  )
  byId('channel-messages').classList.toggle('empty', here.length === 0)
  if (thread !== '') {
    renderList(
      'thread',
      here.filter((each) => each.ts === thread || each.threadTs === thread),
      undefined,
      changed,
    )
  }
}

function renderPlaces() {
  const place = (/** @type {ShownChannel} */ each) =>
    el('button', {
      class: 'place',
      'aria-current': each.id === channel ? 'page' : undefined,
      text: titleOf(each),
      on: { click: () => goTo(each.id) },
    })
  const channels = state.channels.filter((each) => each.kind === 'channel')
  const direct = state.channels.filter((each) => each.kind !== 'channel')
  const appDirect = direct.find((each) => each.kind === 'im')
  byId('places').replaceChildren(
    el('p', { class: 'workspace', text: state.team }),
    el('h2', { text: 'Channels' }),
    ...channels.map(place),
    el('h2', { text: 'Direct messages' }),
    ...(appDirect ? [] : [el('button', { class: 'place', text: 'Deckhand', on: { click: () => void openDirect() } })]),
    ...direct.map(place),
  )
  byId('people').replaceChildren(
    el('legend', { class: 'hidden', text: 'You are' }),
    ...people.map(({ id, name }) =>
      el('label', {}, [
        el('input', {
          type: 'radio',
          name: 'me',
          value: id,
          checked: id === me,
          class: 'hidden',
          on: { change: () => become(id) },
        }),
        el('span', { text: name }),
      ]),
    ),
  )
}

/** @param {ShownChannel} place */
function titleOf(place) {
  if (place.kind === 'channel') return `# ${place.name}`
  const others = place.members.filter((id) => id !== me).map(names.nameOfUser)
  return others.join(', ')
}

async function openDirect() {
  const answer = await run('direct', {})
  if (answer?.channel) goTo(answer.channel)
}

function renderFrame() {
  renderPlaces()
  const place = current()
  byId('channel-name').textContent = place ? titleOf(place) : ''
  byId('channel-topic').textContent = place
    ? [place.topic, place.kind === 'channel' ? `${place.members.length} members` : 'Only you and the app see this']
        .filter(Boolean)
        .join(' · ')
    : ''
  document.title = `${place ? titleOf(place) : ''} · Slack stand-in`
  byId('thread').hidden = thread === ''
  byId('layout').classList.toggle('with-thread', thread !== '')
  byId('thread-place').textContent = place ? titleOf(place) : ''
  renderComposers()
  renderMessages()
  renderStatus()
}

function renderComposers() {
  const place = current()
  if (!place) return
  const isChannel = place.kind === 'channel'
  const offers = state.people
    .filter((each) => each.id !== me)
    .map((each) => ({ insert: `@${each.name}`, hint: each.realName }))
  const commands = state.commands.map((each) => ({
    insert: each.command,
    hint: `${each.hint} — ${each.description}`,
  }))
  channelComposer = composer('', `Message ${titleOf(place)}`, [...offers, ...commands])
  const nothingYet = !state.messages.some((each) => each.channel === channel)
  const prompts = place.prompts.length > 0 ? place.prompts : []
  const suggestions = isChannel
    ? firstQuestions.map((text) => ({ title: text, message: text }))
    : prompts.length > 0
      ? prompts
      : firstQuestions.map((text) => ({
          title: text.replace('@Deckhand ', ''),
          message: text.replace('@Deckhand ', ''),
        }))
  const isIn = place.members.includes(state.app.user)
  byId('channel-below').replaceChildren(
    !isIn
      ? el('div', { class: 'welcome' }, [
          el('p', { text: 'Deckhand is not a member of this channel: it hears nothing here.' }),
          el('button', {
            class: 'button',
            text: 'Invite Deckhand',
            on: { click: () => void run('invite', { channel }) },
          }),
        ])
      : nothingYet
        ? el('div', { class: 'welcome' }, [
            el('p', {}, [
              el('strong', { text: 'Ask for a deck. ' }),
              isChannel
                ? 'Mention @Deckhand with a question about sales or customers, or try one of these:'
                : 'Write a question about sales or customers, or try one of these:',
            ]),
            ...suggestions.map((each) =>
              el('button', { class: 'suggestion', text: each.title, on: { click: () => void say(each.message, '') } }),
            ),
          ])
        : '',
    el('p', { class: 'status', id: 'channel-status' }),
    channelComposer.element,
  )
  if (thread === '') {
    byId('thread-below').replaceChildren()
    return
  }
  byId('thread-below').replaceChildren(
    el('p', { class: 'status', id: 'thread-status' }),
    composer(thread, 'Reply in the thread', offers).element,
  )
}

/**
 * @param {string} threadTs '' for the channel itself
 * @param {string} label
 * @param {readonly { insert: string, hint: string }[]} offers
 */
function composer(threadTs, label, offers) {
  const key = `${me} ${channel} ${threadTs}`
  return createComposer({
    label,
    offers,
    draft: drafts.get(key) ?? '',
    onInput: (text) => void drafts.set(key, text),
    send: (text) => say(text, threadTs),
  })
}

/**
 * A message, or a command where it begins with one.
 *
 * @param {string} text
 * @param {string} threadTs
 */
async function say(text, threadTs) {
  const command = /^(\/[\w-]+)\s*([\s\S]*)$/.exec(text)
  if (command && threadTs !== '') {
    toast(`${command[1]} does not work in threads. Slack has it in channels only.`)
    return false
  }
  const answer = command
    ? await run('command', { channel, command: command[1], text: command[2] })
    : await run('say', { channel, text, ...(threadTs === '' ? {} : { threadTs }) })
  if (answer?.ts && threadTs === '') {
    awaited.add(answer.ts)
    const early = state.messages.find((each) => each.threadTs === answer.ts && each.botId !== undefined)
    if (early) follow(early)
  }
  return answer !== undefined
}

/**
 * The app answers in the thread of something just asked here: that thread opens.
 *
 * @param {ShownMessage} message
 */
function follow(message) {
  if (message.channel !== channel || !awaited.delete(message.threadTs ?? '') || message.botId === undefined) return
  const root = state.messages.find((each) => each.ts === message.threadTs)
  if (root) openThread(root, { keepFocus: true })
}

function renderStatus() {
  for (const [id, threadTs] of /** @type {const} */ ([
    ['channel-status', ''],
    ['thread-status', thread],
  ])) {
    const place = document.getElementById(id)
    const shown = state.statuses.find(
      (each) => each.channel === channel && (threadTs === '' ? current()?.kind === 'im' : each.threadTs === threadTs),
    )
    if (place) place.textContent = shown?.text ? `Deckhand ${shown.text}` : ''
  }
}

/**
 * @param {ShownMessage} root
 * @param {{ keepFocus?: boolean }} [options]
 */
function openThread(root, { keepFocus = false } = {}) {
  const ts = root.threadTs ?? root.ts
  thread = ts
  writeHash()
  byId('thread-messages').replaceChildren()
  renderFrame()
  if (!keepFocus) byId('thread-below').querySelector('textarea')?.focus()
}

function closeThread() {
  const from = thread
  thread = ''
  writeHash()
  renderFrame()
  const opener = [...document.querySelectorAll('#channel-messages .message')].find(
    (each) => each instanceof HTMLElement && each.dataset['ts'] === from,
  )
  const button = opener?.querySelector('button.replies')
  if (button instanceof HTMLElement) button.focus()
}

/** @param {string} id */
function goTo(id) {
  channel = id
  thread = ''
  writeHash()
  byId('places').classList.remove('open')
  byId('menu-button').setAttribute('aria-expanded', 'false')
  byId('channel-messages').replaceChildren()
  renderFrame()
  byId('channel').focus()
}

/** @param {string} id */
function become(id) {
  me = id
  sessionStorage.setItem('me', id)
  connect()
}

function readHash() {
  const [id = '', ts = ''] = location.hash.slice(1).split('/')
  return { channel: id, thread: ts }
}
function writeHash() {
  history.replaceState(null, '', `#${channel}${thread === '' ? '' : `/${thread}`}`)
}

/** @param {ShownMessage} message */
function announce(message) {
  const isSeen = message.channel === channel && message.postedAt === message.changedAt && message.user !== me
  if (isSeen) byId('announcer').textContent = `${names.nameOfUser(message.user)}: ${message.text.slice(0, 200)}`
}

const modalScene = {
  names,
  fileUrl,
  press: async (/** @type {OpenView} */ view, /** @type {import('./blocks.js').Use} */ use) =>
    void (await run('pressInView', { viewId: view.id, ...use })),
  submit: async (/** @type {OpenView} */ view, /** @type {Record<string, string | string[]>} */ values) =>
    void (await run('submit', { viewId: view.id, values })),
  close: async (/** @type {OpenView} */ view) => void (await run('close', { viewId: view.id })),
}

function connect() {
  line?.close()
  line = listen(me, {
    state(all) {
      if (state.me !== all.me) {
        byId('channel-messages').replaceChildren()
        byId('thread-messages').replaceChildren()
      }
      state = all
      if (!current()) {
        channel = state.channels.find((each) => each.name === 'sales')?.id ?? state.channels[0]?.id ?? ''
        thread = ''
      }
      renderFrame()
      renderModals(state.views, modalScene)
    },
    message(message) {
      const wasEmpty = !state.messages.some((each) => each.channel === channel)
      const at = state.messages.findIndex((each) => each.channel === message.channel && each.ts === message.ts)
      if (message.isDeleted) state.messages = state.messages.filter((_, index) => index !== at)
      else if (at >= 0) state.messages = state.messages.with(at, message)
      else state.messages = [...state.messages, message]
      follow(message)
      if (wasEmpty && message.channel === channel) renderComposers()
      renderMessages(message)
      if (at < 0) announce(message)
    },
    views(views) {
      state.views = views
      renderModals(views, modalScene)
    },
    places({ channels }) {
      state.channels = channels
      renderFrame()
    },
    status(status) {
      state.statuses = [
        ...state.statuses.filter((each) => each.channel !== status.channel || each.threadTs !== status.threadTs),
        status,
      ]
      renderStatus()
    },
    connected(isOn) {
      document.body.classList.toggle('offline', !isOn)
    },
  })
}

// Pictures come in after their messages: who was at the end stays there.
for (const part of ['channel', 'thread']) {
  const scroll = byId(`${part}-scroll`)
  let isAtEnd = true
  scroll.addEventListener('scroll', () => {
    isAtEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80
  })
  new ResizeObserver(() => {
    if (isAtEnd) scroll.scrollTop = scroll.scrollHeight
  }).observe(byId(`${part}-messages`))
}

byId('thread-close').addEventListener('click', closeThread)
byId('menu-button').addEventListener('click', () => {
  const isOpen = byId('places').classList.toggle('open')
  byId('menu-button').setAttribute('aria-expanded', String(isOpen))
})
addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && thread !== '' && !document.querySelector('dialog[open], [popover]:popover-open'))
    closeThread()
})
addEventListener('hashchange', () => {
  ;({ channel, thread } = readHash())
  byId('channel-messages').replaceChildren()
  byId('thread-messages').replaceChildren()
  renderFrame()
})
connect()
