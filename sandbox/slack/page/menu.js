import { el } from './dom.js'

/**
 * A menu at a control: arrows move, Escape and a click elsewhere close it.
 *
 * @param {HTMLElement} anchor
 * @param {readonly { title: string, choose: () => void }[]} items
 */
export function openMenu(anchor, items) {
  const menu = el(
    'div',
    { class: 'menu', role: 'menu', popover: 'auto' },
    items.map(({ title, choose }) =>
      el('button', {
        role: 'menuitem',
        text: title,
        on: {
          click: () => {
            menu.hidePopover()
            choose()
          },
        },
      }),
    ),
  )
  menu.addEventListener('keydown', (event) => {
    const buttons = [...menu.querySelectorAll('button')]
    const at = buttons.findIndex((button) => button === document.activeElement)
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    buttons.at((at + step) % buttons.length)?.focus()
  })
  menu.addEventListener('toggle', (event) => {
    if (event.newState !== 'closed') return
    menu.remove()
    anchor.focus()
  })
  document.body.append(menu)
  menu.showPopover()
  const at = anchor.getBoundingClientRect()
  const top = at.bottom + menu.offsetHeight + 8 > innerHeight ? at.top - menu.offsetHeight - 4 : at.bottom + 4
  menu.style.top = `${Math.max(8, top)}px`
  menu.style.left = `${Math.max(8, Math.min(at.left, innerWidth - menu.offsetWidth - 8))}px`
  menu.querySelector('button')?.focus()
}
