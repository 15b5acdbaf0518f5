/**
 * Elements without HTML in strings: texts are always texts.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {{ class?: string, text?: string, on?: { [Name in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Name]) => void }, data?: Record<string, string> } & Record<string, unknown>} [options]
 *   `class`, `text`, listeners in `on`, `data-…` in `data`; everything else is set as an attribute, `true` without value
 * @param {readonly (Node | string | undefined | false)[]} [children]
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, options = {}, children = []) {
  const element = document.createElement(tag)
  const { class: className, text, on = {}, data = {}, ...attributes } = options
  if (className) element.className = className
  if (text !== undefined) element.textContent = text
  for (const [name, listener] of Object.entries(on)) {
    element.addEventListener(name, /** @type {EventListener} */ (listener)) // the name says which events it gets
  }
  for (const [name, value] of Object.entries(data)) element.dataset[name] = value
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false || value === null) continue
    element.setAttribute(name, value === true ? '' : `${/** @type {string | number} */ (value)}`)
  }
  for (const child of children) if (child) element.append(child)
  return element
}

/**
 * The element with this id, which the page always has.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const element = document.getElementById(id)
  if (!element) throw new Error(`The page has no #${id}`)
  return element
}

/**
 * A link that leaves the page, or plain text where the address is not one to follow.
 *
 * @param {string} url
 * @param {string} text
 */
export function outLink(url, text) {
  if (!/^(https?:|mailto:)/.test(url)) return document.createTextNode(text)
  return el('a', { href: url, target: '_blank', rel: 'noopener noreferrer', text })
}
