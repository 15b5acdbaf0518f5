import { el } from './dom.js'
import { plainOf } from './text.js'

/** @typedef {import('./blocks.js').BlockJson} BlockJson */

/**
 * Asks before something is done.
 *
 * @param {BlockJson} question a confirmation object
 * @returns {Promise<boolean>}
 */
export function ask(question) {
  return new Promise((resolve) => {
    const dialog = el('dialog', { class: 'modal', 'aria-label': plainOf(question.title) }, [
      el('h2', { text: plainOf(question.title) }),
      el('p', { text: plainOf(question.text) }),
      el('div', { class: 'actions end' }, [
        el('button', {
          class: 'button',
          text: plainOf(question.deny) || 'Cancel',
          on: { click: () => dialog.close('') },
        }),
        el('button', {
          class: `button ${question.style ?? 'primary'}`,
          text: plainOf(question.confirm) || 'Yes',
          on: { click: () => dialog.close('yes') },
        }),
      ]),
    ])
    dialog.addEventListener('close', () => {
      dialog.remove()
      resolve(dialog.returnValue === 'yes')
    })
    document.body.append(dialog)
    dialog.showModal()
  })
}
