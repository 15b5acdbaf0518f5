import { el } from './dom.js'
import { renderElement } from './elements.js'
import { showPicture } from './picture.js'
import { renderRichText } from './rich-text.js'
import { plainOf, renderMarkdown, renderText } from './text.js'

/**
 * What blocks are drawn for: names for ids, and what happens when something is used.
 *
 * @typedef {object} BlockScene
 * @property {import('./text.js').Names} names
 * @property {(id: string) => string} fileUrl address of a file's picture
 * @property {(use: Use) => Promise<void>} press
 */

/**
 * What a person pressed or picked.
 *
 * @typedef {{ actionId: string, blockId: string, value?: string }} Use
 */

/**
 * A part of Block Kit as the app sent it, which the stand-in has checked: drawn by what it has. No type says more.
 *
 * @typedef {any} BlockJson
 */

/**
 * @param {BlockJson} block
 * @param {BlockScene} scene
 * @returns {HTMLElement}
 */
export function renderBlock(block, scene) {
  const { names } = scene
  const each = (/** @type {readonly BlockJson[] | undefined} */ list, /** @type {(item: BlockJson) => Node} */ draw) =>
    (list ?? []).map(draw)
  switch (block.type) {
    case 'section':
      return el('div', { class: 'section' }, [
        el('div', { class: 'words' }, [
          block.text && el('div', {}, renderText(block.text, names)),
          block.fields &&
            el(
              'div',
              { class: 'fields' },
              each(block.fields, (field) => el('div', {}, renderText(field, names))),
            ),
        ]),
        block.accessory &&
          (block.accessory.type === 'image'
            ? picture(block.accessory, scene, 'accessory')
            : renderElement(block.accessory, block, scene)),
      ])
    case 'header':
      return el('p', { class: 'heading h2' }, renderText(block.text, names))
    case 'context':
      return el(
        'div',
        { class: 'context' },
        each(block.elements, (item) =>
          item.type === 'image' ? picture(item, scene, 'tiny') : el('span', {}, renderText(item, names)),
        ),
      )
    case 'actions':
      return el(
        'div',
        { class: 'actions' },
        each(block.elements, (item) => renderElement(item, block, scene)),
      )
    case 'context_actions':
      return el(
        'div',
        { class: 'actions slim' },
        each(block.elements, (item) => renderElement(item, block, scene)),
      )
    case 'image':
      return el('figure', {}, [
        block.title && el('figcaption', {}, renderText(block.title, names)),
        picture(block, scene, 'large'),
      ])
    case 'divider':
      return el('hr')
    case 'markdown':
      return el('div', { class: 'markdown' }, renderMarkdown(String(block.text), names))
    case 'rich_text':
      return renderRichText(block, names)
    case 'table':
    case 'data_table':
      return table(block, scene)
    case 'alert':
      return el('div', { class: `alert ${block.level ?? 'default'}` }, renderText(block.text, names))
    case 'card':
      return card(block, scene)
    case 'carousel':
      return el(
        'div',
        { class: 'carousel', tabindex: 0 },
        each(block.elements, (item) => card(item, scene)),
      )
    case 'container':
      return container(block, scene)
    case 'task_card':
      return task(block, scene)
    case 'plan':
      return el('div', { class: 'plan' }, [
        el('p', { class: 'heading', text: block.title }),
        ...each(block.tasks, (item) => task(item, scene)),
      ])
    default:
      return el('p', { class: 'hint', text: `[${block.type} block: not drawn here]` })
  }
}

/**
 * @param {BlockJson} source an image block or element
 * @param {BlockScene} scene
 * @param {'large' | 'accessory' | 'tiny'} size
 */
function picture(source, scene, size) {
  const src = source.slack_file ? scene.fileUrl(source.slack_file.id) : source.image_url
  const image = el('img', { src, alt: source.alt_text, loading: 'lazy', class: `picture ${size}` })
  if (size !== 'large') return image
  return el(
    'button',
    { class: 'picture-button', 'aria-label': `Enlarge: ${source.alt_text}`, on: { click: () => showPicture(image) } },
    [image],
  )
}

/**
 * @param {BlockJson} block
 * @param {BlockScene} scene
 */
function table(block, scene) {
  const rows = block.rows ?? []
  const align = (/** @type {number} */ index) => block.column_settings?.[index]?.align ?? ''
  const content = (/** @type {BlockJson} */ cell) => {
    if (cell.type === 'rich_text') return renderRichText(cell, scene.names)
    return document.createTextNode(String(cell.text ?? cell.value ?? ''))
  }
  const row = (/** @type {BlockJson[]} */ cells, /** @type {'th' | 'td'} */ tag) =>
    el(
      'tr',
      {},
      cells.map((cell, index) =>
        el(tag, { class: align(index), scope: tag === 'th' ? 'col' : undefined }, [content(cell)]),
      ),
    )
  return el('div', { class: 'table', tabindex: 0 }, [
    el('table', {}, [
      block.caption && el('caption', { text: block.caption }),
      el(
        'thead',
        {},
        rows.slice(0, 1).map((/** @type {BlockJson[]} */ cells) => row(cells, 'th')),
      ),
      el(
        'tbody',
        {},
        rows.slice(1).map((/** @type {BlockJson[]} */ cells) => row(cells, 'td')),
      ),
    ]),
  ])
}

/**
 * @param {BlockJson} block
 * @param {BlockScene} scene
 */
function card(block, scene) {
  const { names } = scene
  return el('div', { class: 'card' }, [
    block.hero_image && picture(block.hero_image, scene, 'large'),
    el('div', { class: 'card-words' }, [
      block.icon && picture(block.icon, scene, 'tiny'),
      block.title && el('div', { class: 'heading' }, renderText(block.title, names)),
      block.subtitle && el('div', { class: 'hint' }, renderText(block.subtitle, names)),
      block.body && el('div', {}, renderText(block.body, names)),
    ]),
    block.actions &&
      el(
        'div',
        { class: 'actions' },
        block.actions.map((/** @type {BlockJson} */ item) => renderElement(item, block, scene)),
      ),
  ])
}

/**
 * @param {BlockJson} block
 * @param {BlockScene} scene
 */
function container(block, scene) {
  const title = block.title ? plainOf(block.title) : ''
  const inner = (block.child_blocks ?? []).map((/** @type {BlockJson} */ child) => renderBlock(child, scene))
  if (block.is_collapsible) {
    return el('details', { class: 'container', open: block.default_collapsed !== true }, [
      el('summary', { text: title }),
      ...inner,
    ])
  }
  return el('div', { class: 'container' }, [el('p', { class: 'heading', text: title }), ...inner])
}

const taskSigns = /** @type {const} */ ({ pending: '○', in_progress: '◐', complete: '✓', error: '✕' })

/**
 * @param {BlockJson} block
 * @param {BlockScene} scene
 */
function task(block, scene) {
  const state = /** @type {keyof typeof taskSigns} */ (block.status)
  return el('div', { class: `task ${state}` }, [
    el('span', {
      class: 'sign',
      'aria-label': state.replace('_', ' '),
      role: 'img',
      text: taskSigns[state] ?? '○',
    }),
    el('div', {}, [
      el('p', { text: block.title }),
      block.details && renderRichText(block.details, scene.names),
      block.output && renderRichText(block.output, scene.names),
    ]),
  ])
}
