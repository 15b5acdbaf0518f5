import { el } from './dom.js'

/**
 * Where a person writes. Enter sends, Shift+Enter breaks the line; names and commands are offered while typing.
 *
 * @param {object} options
 * @param {string} options.label
 * @param {readonly { insert: string, hint: string }[]} options.offers what can be completed: `@Deckhand`, `/deck`
 * @param {(text: string) => Promise<boolean>} options.send false when it was not taken: the text stays
 * @param {string} [options.draft] text to begin with
 * @param {(text: string) => void} options.onInput
 */
export function createComposer({ label, offers, send, draft = '', onInput }) {
  const input = el('textarea', {
    'aria-label': label,
    placeholder: label,
    rows: 1,
    on: { input: changed, keydown: pressed },
  })
  input.value = draft
  const button = el('button', { class: 'button primary', type: 'submit', text: 'Send' })
  const list = el('div', { class: 'offers' })
  const form = el('form', { class: 'composer', on: { submit: (event) => void submit(event) } }, [
    list,
    el('div', { class: 'row' }, [input, button]),
  ])

  function changed() {
    input.style.height = 'auto'
    input.style.height = `${Math.min(input.scrollHeight, 160)}px`
    onInput(input.value)
    offer()
  }

  /** The word at the cursor, where it begins like something that can be completed. */
  function matching() {
    const typed = /(^|\s)([@/]\w*)$/.exec(input.value.slice(0, input.selectionStart))
    const word = typed?.[2] ?? ''
    const isStart = typed !== null && typed.index === 0 && typed[1] === ''
    const fits = offers.filter(
      ({ insert }) =>
        insert.toLowerCase().startsWith(word.toLowerCase()) && insert.toLowerCase() !== word.toLowerCase(),
    )
    return { word, fits: word === '' || (word.startsWith('/') && !isStart) ? [] : fits }
  }

  function offer() {
    const { fits } = matching()
    list.replaceChildren(
      ...fits.map(({ insert, hint }) =>
        el('button', { type: 'button', on: { click: () => complete(insert) } }, [
          el('strong', { text: insert }),
          el('span', { class: 'hint', text: ` ${hint}` }),
        ]),
      ),
    )
  }

  /** @param {string} insert */
  function complete(insert) {
    const { word } = matching()
    const at = input.selectionStart
    input.value = `${input.value.slice(0, at - word.length)}${insert} ${input.value.slice(at)}`
    input.focus()
    changed()
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    const [first] = matching().fits
    if (event.key === 'Tab' && !event.shiftKey && first) {
      event.preventDefault()
      complete(first.insert)
    } else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault()
      form.requestSubmit()
    }
  }

  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault()
    const text = input.value.trim()
    if (text === '') return
    input.value = ''
    changed()
    if (await send(text)) return
    if (input.value === '') input.value = text
    changed()
  }

  return {
    element: form,
    focus: () => input.focus(),
    /** @param {string} text */
    fill(text) {
      input.value = text
      input.focus()
      changed()
    },
  }
}
