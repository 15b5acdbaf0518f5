import { renderBlock } from './blocks.js'
import { el } from './dom.js'
import { plainOf } from './text.js'

/** @typedef {import('./blocks.js').BlockJson} BlockJson */

/**
 * What a modal needs to be drawn and used.
 *
 * @typedef {import('../contract.ts').OpenView} OpenView
 *
 * @typedef {object} ModalScene
 * @property {import('./text.js').Names} names
 * @property {(id: string) => string} fileUrl
 * @property {(view: OpenView, use: import('./blocks.js').Use) => Promise<void>} press
 * @property {(view: OpenView, values: Record<string, string | string[]>) => Promise<void>} submit
 * @property {(view: OpenView) => Promise<void>} close
 */

/** @type {Map<string, { hash: string, dialog: HTMLDialogElement }>} */
const open = new Map()

/**
 * Shows the person's modals, the last one on top, and takes away those that are gone.
 *
 * @param {readonly OpenView[]} views
 * @param {ModalScene} scene
 */
export function renderModals(views, scene) {
  for (const [id, { dialog }] of open) {
    if (views.some((view) => view.id === id)) continue
    open.delete(id)
    dialog.remove()
  }
  for (const view of views) {
    const hash = `${view.hash} ${JSON.stringify(view.errors)}`
    const shown = open.get(view.id)
    if (shown?.hash === hash) continue
    const values = shown ? read(shown.dialog) : {}
    shown?.dialog.remove()
    const dialog = draw(view, scene, values)
    open.set(view.id, { hash, dialog })
    document.body.append(dialog)
    dialog.showModal()
  }
}

/**
 * @param {OpenView} view
 * @param {ModalScene} scene
 * @param {Record<string, string | string[]>} values what was filled in before
 */
function draw(view, scene, values) {
  const blockScene = {
    names: scene.names,
    fileUrl: scene.fileUrl,
    press: (/** @type {import('./blocks.js').Use} */ use) => scene.press(view, use),
  }
  const general = view.errors['']
  const form = el('form', { method: 'dialog' }, [
    el('h2', { text: view.title }),
    general && el('p', { class: 'problem', role: 'alert', text: general }),
    ...view.blocks.map((/** @type {BlockJson} */ block) =>
      block.type === 'input' ? field(block, view.errors[block.block_id], values) : renderBlock(block, blockScene),
    ),
    el('div', { class: 'actions end' }, [
      el('button', {
        class: 'button',
        type: 'button',
        text: view.close || (view.submit ? 'Cancel' : 'Close'),
        on: { click: () => void scene.close(view) },
      }),
      view.submit && el('button', { class: 'button primary', type: 'submit', text: view.submit }),
    ]),
  ])
  const dialog = el('dialog', { class: 'modal', 'aria-label': view.title }, [form])
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    form.setAttribute('aria-busy', 'true')
    void scene.submit(view, read(dialog)).finally(() => form.removeAttribute('aria-busy'))
  })
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault()
    void scene.close(view)
  })
  return dialog
}

/**
 * @param {BlockJson} block an `input` block
 * @param {string | undefined} error
 * @param {Record<string, string | string[]>} values
 */
function field(block, error, values) {
  const { element } = block
  const id = `field-${block.block_id}-${element.action_id}`
  const hint = block.hint ? plainOf(block.hint) : ''
  const isRequired = block.optional !== true
  const given = values[element.action_id]
  const common = {
    id,
    name: element.action_id,
    required: isRequired,
    'aria-invalid': error ? 'true' : undefined,
    'aria-describedby': hint || error ? `${id}-hint` : undefined,
    autofocus: element.focus_on_load === true,
  }
  const describe =
    (hint || error) && el('p', { id: `${id}-hint`, class: error ? 'problem' : 'hint', text: error ?? hint })
  const label = `${plainOf(block.label)}${isRequired ? '' : ' (optional)'}`
  if (['radio_buttons', 'checkboxes'].includes(element.type)) {
    const type = element.type === 'checkboxes' ? 'checkbox' : 'radio'
    const initial = (element.initial_options ?? [element.initial_option]).map(
      (/** @type {BlockJson} */ each) => each?.value,
    )
    return el('fieldset', { class: 'field' }, [
      el('legend', { text: label }),
      ...element.options.map((/** @type {BlockJson} */ option) =>
        el('label', { class: 'choice' }, [
          el('input', {
            type,
            name: element.action_id,
            value: option.value,
            required: isRequired && type === 'radio',
            checked: given === undefined ? initial.includes(option.value) : [given].flat().includes(option.value),
          }),
          plainOf(option.text),
        ]),
      ),
      describe,
    ])
  }
  return el('div', { class: 'field' }, [
    el('label', { for: id, text: label }),
    control(element, common, given),
    describe,
  ])
}

/**
 * @param {BlockJson} element
 * @param {Record<string, unknown>} common
 * @param {string | string[] | undefined} given
 */
function control(element, common, given) {
  const placeholder = element.placeholder ? plainOf(element.placeholder) : undefined
  if (element.type === 'static_select') {
    const options = element.options ?? element.option_groups.flatMap((/** @type {BlockJson} */ group) => group.options)
    const chosen = given ?? element.initial_option?.value
    return el('select', common, [
      el('option', { value: '', text: placeholder ?? 'Choose …', selected: chosen === undefined }),
      ...options.map((/** @type {BlockJson} */ each) =>
        el('option', { value: each.value, text: plainOf(each.text), selected: each.value === chosen }),
      ),
    ])
  }
  const value = typeof given === 'string' ? given : (element.initial_value ?? '')
  const limits = { minlength: element.min_length, maxlength: element.max_length ?? 3000, placeholder }
  if (element.multiline) return el('textarea', { ...common, ...limits, rows: 4, text: value })
  return el('input', { ...common, ...limits, type: element.type === 'number_input' ? 'number' : 'text', value })
}

/**
 * What is filled in: the one value of a field, or all those ticked.
 *
 * @param {HTMLDialogElement} dialog
 */
function read(dialog) {
  /** @type {Record<string, string | string[]>} */
  const values = {}
  for (const input of dialog.querySelectorAll('input, textarea, select')) {
    if (
      !(input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement || input instanceof HTMLSelectElement)
    )
      continue
    if (input instanceof HTMLInputElement && ['radio', 'checkbox'].includes(input.type)) {
      if (!input.checked) continue
      values[input.name] = input.type === 'radio' ? input.value : [...[values[input.name] ?? []].flat(), input.value]
    } else if (input.value !== '') {
      values[input.name] = input.value
    }
  }
  return values
}
