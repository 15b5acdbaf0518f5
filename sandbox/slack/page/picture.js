import { el } from './dom.js'

/**
 * A picture as large as the window; arrows go to the others of the same message.
 *
 * @param {HTMLImageElement} image
 */
export function showPicture(image) {
  const all = [...(image.closest('.message')?.querySelectorAll('img.large') ?? [image])].filter(
    (each) => each instanceof HTMLImageElement,
  )
  let at = Math.max(0, all.indexOf(image))
  const shown = el('img', {})
  const caption = el('p', { class: 'hint', 'aria-live': 'polite' })
  const step = (/** @type {number} */ by) => {
    at = (at + by + all.length) % all.length
    const now = all[at]
    if (!now) return
    shown.src = now.src
    shown.alt = now.alt
    caption.textContent = all.length > 1 ? `${now.alt} · ${at + 1} of ${all.length}` : now.alt
  }
  const dialog = el('dialog', { class: 'viewer', 'aria-label': 'Picture' }, [
    shown,
    el('div', { class: 'viewer-bar' }, [
      all.length > 1 &&
        el('button', { class: 'button', text: '←', 'aria-label': 'Previous picture', on: { click: () => step(-1) } }),
      caption,
      all.length > 1 &&
        el('button', { class: 'button', text: '→', 'aria-label': 'Next picture', on: { click: () => step(1) } }),
      el('button', { class: 'button', text: 'Close', on: { click: () => dialog.close() } }),
    ]),
  ])
  dialog.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowLeft') step(-1)
    if (event.key === 'ArrowRight') step(1)
  })
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close()
  })
  dialog.addEventListener('close', () => dialog.remove())
  document.body.append(dialog)
  step(0)
  dialog.showModal()
}
