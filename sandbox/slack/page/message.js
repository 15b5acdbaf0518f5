import { renderBlock } from './blocks.js'
import { el } from './dom.js'
import { openMenu } from './menu.js'
import { showPicture } from './picture.js'
import { renderMrkdwn } from './text.js'

/**
 * What a message needs to be drawn.
 *
 * @typedef {import('../shown.ts').ShownMessage} ShownMessage
 *
 * @typedef {object} MessageScene
 * @property {import('./text.js').Names} names
 * @property {(id: string) => string} fileUrl
 * @property {(message: ShownMessage, use: import('./blocks.js').Use) => Promise<void>} press
 * @property {(message: ShownMessage) => readonly { title: string, choose: () => void }[]} actionsOf
 * @property {((message: ShownMessage) => void) | undefined} openThread where messages show how many replies they have
 * @property {(message: ShownMessage) => readonly ShownMessage[]} repliesOf
 */

/** @type {WeakMap<HTMLElement, Map<string, HTMLElement>>} blocks that are drawn, by their JSON */
const drawn = new WeakMap()

/**
 * Draws a message, into the element it had before where there is one: blocks that stay the same keep their elements,
 * and what had the focus has it again.
 *
 * @param {ShownMessage} message
 * @param {MessageScene} scene
 * @param {HTMLElement} [before]
 */
export function renderMessage(message, scene, before) {
  const item = before ?? el('li', { class: 'message', data: { ts: message.ts } })
  const focused = item.contains(document.activeElement)
    ? /** @type {HTMLElement} */ (document.activeElement).dataset['key']
    : undefined
  const { names } = scene
  item.classList.toggle('private', message.visibleTo !== undefined)
  item.replaceChildren(
    avatar(message, names),
    el('div', { class: 'body' }, [
      message.visibleTo !== undefined && el('p', { class: 'only-you', text: 'Only visible to you' }),
      el('p', { class: 'byline' }, [
        el('strong', { text: names.nameOfUser(message.user) }),
        message.botId !== undefined && el('span', { class: 'tag', text: 'APP' }),
        el('time', {
          class: 'hint',
          datetime: new Date(message.postedAt).toISOString(),
          text: clock(message.postedAt),
        }),
      ]),
      ...content(message, scene, item),
      files(message),
      replies(message, scene),
    ]),
    toolbar(message, scene),
  )
  if (focused !== undefined) {
    const again = [...item.querySelectorAll('[data-key]')].find(
      (each) => each instanceof HTMLElement && each.dataset['key'] === focused,
    )
    if (again instanceof HTMLElement) again.focus()
  }
  return item
}

/** @param {number} ms */
const clock = (ms) => new Date(ms).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })

/**
 * @param {ShownMessage} message
 * @param {MessageScene} scene
 * @param {HTMLElement} item
 * @returns {readonly (Node | false)[]}
 */
function content(message, scene, item) {
  const edited = message.isEdited && message.botId === undefined && el('span', { class: 'hint', text: ' (edited)' })
  if (message.blocks.length === 0) {
    return [message.text !== '' && el('div', { class: 'words' }, [...renderMrkdwn(message.text, scene.names), edited])]
  }
  const old = drawn.get(item) ?? new Map()
  /** @type {Map<string, HTMLElement>} */
  const now = new Map()
  const nodes = message.blocks.map((block) => {
    // Slack gives new ids with each edit; only what can be pressed has to know the new one.
    const { block_id: _id, ...rest } = block
    let key = JSON.stringify(rest)
    if (key.includes('"action_id"')) key = JSON.stringify(block)
    while (now.has(key)) key += ' again'
    const node =
      old.get(key) ??
      renderBlock(block, { names: scene.names, fileUrl: scene.fileUrl, press: (use) => scene.press(message, use) })
    now.set(key, node)
    return node
  })
  drawn.set(item, now)
  return [
    el('div', { class: 'blocks' }, nodes),
    message.isStreaming && el('span', { class: 'cursor', 'aria-hidden': 'true' }),
  ]
}

/** @param {ShownMessage} message */
function files(message) {
  if (message.files.length === 0) return undefined
  return el(
    'div',
    { class: 'files' },
    message.files.map((file) => {
      if (!file.mimetype.startsWith('image/')) {
        const kind = /\.(\w+)$/.exec(file.name)?.[1]?.toUpperCase() ?? 'FILE'
        return el('a', { class: 'file', href: `${file.pageUrl}?download=1`, download: file.name }, [
          el('span', { class: `kind ${kind.toLowerCase()}`, text: kind }),
          el('span', {}, [
            el('strong', { text: file.title }),
            el('span', { class: 'hint', text: `${size(file.size)} · Download` }),
          ]),
        ])
      }
      const image = el('img', { src: file.pageUrl, alt: file.title, loading: 'lazy', class: 'picture large' })
      return el(
        'button',
        { class: 'picture-button', 'aria-label': `Enlarge: ${file.title}`, on: { click: () => showPicture(image) } },
        [image],
      )
    }),
  )
}

/** @param {number} bytes */
const size = (bytes) =>
  bytes < 1024
    ? `${bytes} bytes`
    : bytes < 1024 ** 2
      ? `${Math.round(bytes / 1024)} KB`
      : `${(bytes / 1024 ** 2).toFixed(1)} MB`

/**
 * @param {ShownMessage} message
 * @param {MessageScene} scene
 */
function replies(message, scene) {
  const { openThread } = scene
  if (!openThread) return undefined
  const all = scene.repliesOf(message)
  const last = all.at(-1)
  if (!last) return undefined
  return el('button', { class: 'replies', data: { key: 'replies' }, on: { click: () => openThread(message) } }, [
    el('strong', { text: all.length === 1 ? '1 reply' : `${all.length} replies` }),
    el('span', { class: 'hint', text: `last at ${clock(last.postedAt)}` }),
  ])
}

/**
 * @param {ShownMessage} message
 * @param {MessageScene} scene
 */
function toolbar(message, scene) {
  const { openThread } = scene
  const more = scene.actionsOf(message)
  const control = el('button', {
    class: 'quiet',
    'aria-label': 'More actions',
    'aria-haspopup': 'menu',
    data: { key: 'more' },
    text: '⋯',
    on: { click: () => openMenu(control, more) },
  })
  return el('div', { class: 'tools' }, [
    openThread &&
      message.visibleTo === undefined &&
      el('button', {
        class: 'quiet',
        text: 'Reply',
        'aria-label': 'Reply in thread',
        data: { key: 'reply' },
        on: { click: () => openThread(message) },
      }),
    more.length > 0 && control,
  ])
}

/**
 * @param {ShownMessage} message
 * @param {import('./text.js').Names} names
 */
function avatar(message, names) {
  if (message.botId !== undefined) return el('img', { class: 'avatar', src: '/page/icon.svg', alt: '' })
  const name = names.nameOfUser(message.user)
  return el('span', { class: `avatar ${name.toLowerCase()}`, 'aria-hidden': 'true', text: name.slice(0, 1) })
}
