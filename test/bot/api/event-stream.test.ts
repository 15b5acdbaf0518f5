import { describe, expect, it } from 'vitest'
import { createTeller, encodeEvent } from '../../../src/bot/api/event-stream.ts'
import { beginReply, endWithoutTurn } from '../../../src/bot/reply-view.ts'
import type { Reply } from '../../../src/bot/reply.ts'
import { messageIn, newThread } from '../../support/mailbox.ts'

const asked = { id: 'api-1', thread: 'q4' }
const begun = beginReply(messageIn(newThread()), 0)
const firstAnswer = { headline: 'EMEA leads', columns: [], rows: [], moreRows: 0 }
const slide = (index: number, title: string): Reply['slides'][number] => ({
  index,
  id: `s${index}`,
  title,
  picture: '',
})

function tellAll(...states: (Reply | undefined)[]): string[][] {
  const tell = createTeller(asked)
  return states.map((state) =>
    tell(state).map(({ event, data }) => `${event} ${'title' in data ? String(data.title) : ''}`.trim()),
  )
}

describe('The events of a turn', () => {
  it('tell each thing when it is new', () => {
    const found = { ...begun, firstAnswer }
    const writing = { ...found, slides: [slide(0, 'One')], slideCount: 2 }

    expect(tellAll(undefined, undefined, begun, found, writing, writing)).toEqual([
      ['progress'],
      [],
      ['progress'],
      ['first_answer'],
      ['slide One'],
      [],
    ])
  })

  it('tell all that is known to those who come late, but no progress after the end', () => {
    const ended = endWithoutTurn(
      { ...begun, firstAnswer, slides: [slide(0, 'One'), slide(1, 'Two')], slideCount: 2 },
      { status: 'answered', answer: 'Here.' },
    )

    expect(tellAll(ended)).toEqual([['first_answer', 'slide One', 'slide Two']])
  })

  it('tell nothing twice when another worker begins anew', () => {
    const before = { ...begun, firstAnswer, slides: [slide(0, 'One')], slideCount: 1 }

    const events = tellAll(
      before,
      { ...begun, phase: 'working' },
      { ...begun, firstAnswer },
      { ...before, slides: [slide(0, '')] },
      before,
    )

    expect(events).toEqual([['progress', 'first_answer', 'slide One'], [], [], [], []])
  })

  it('tell a slide again when it gets its title, and when it changes', () => {
    const titled = (title: string): Reply => ({ ...begun, slides: [slide(0, title)], slideCount: 1 })

    expect(tellAll(titled(''), titled('EMEA: $1.2M'), titled('EMEA: $1.3M')).slice(1)).toEqual([
      ['slide EMEA: $1.2M'],
      ['slide EMEA: $1.3M'],
    ])
  })

  it('are one line of data each, whatever is in them', () => {
    const text = encodeEvent({ event: 'slide', data: { title: 'a\n\nevent: done\r\ndata: {}' } })

    expect(text).toMatch(/^event: slide\ndata: [^\r\n]*\n\n$/)
  })
})
