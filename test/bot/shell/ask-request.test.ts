import { describe, expect, it } from 'vitest'
import { checkWords, parseRequest, UsageError } from '../../../src/bot/shell/ask-request.ts'

const defaults = {
  spaceId: 'space1',
  spaces: { sales: 'space1', people: 'space2' },
  maxSlides: 10,
  formats: ['html', 'pdf'] as const,
}

describe('parseRequest', () => {
  it('fills in the defaults', () => {
    expect(parseRequest({ question: ' Revenue? ' }, defaults)).toEqual({
      question: 'Revenue?',
      spaceId: 'space1',
      maxSlides: 10,
      formats: ['html', 'pdf'],
    })
  })

  it('takes a space by its name or id', () => {
    expect(parseRequest({ question: 'q', space: 'people' }, defaults).spaceId).toBe('space2')
    expect(parseRequest({ question: 'q', space: '01ef00' }, defaults).spaceId).toBe('01ef00')
  })

  it('takes each format once', () => {
    expect(parseRequest({ question: 'q', formats: 'pdf, PNG,pdf,overview,Thumbnail' }, defaults).formats).toEqual([
      'pdf',
      'png',
      'overview',
      'thumbnail',
    ])
  })

  it.each([
    ['an empty question', { question: '  ' }, 'Ask a question'],
    ['a question beyond all bounds', { question: 'x'.repeat(20_000) }, '20000 characters long; the most is 4000'],
    ['no slides', { question: 'q', maxSlides: '0' }, 'whole number from 1 to 30'],
    ['half a slide', { question: 'q', maxSlides: '2.5' }, 'whole number from 1 to 30'],
    ['slides in words', { question: 'q', maxSlides: 'many' }, '--max-slides is "many"'],
    ['an unknown format', { question: 'q', formats: 'pdf,gif' }, '--formats is "pdf,gif"'],
    ['a thread without a name', { question: 'q', thread: ' ' }, '--thread is empty'],
    ['a folder without a name', { question: 'q', out: '' }, '--out is empty'],
    ['a space that is neither id nor name', { question: 'q', space: 'my space!' }, 'Known names: sales, people'],
    ['a misspelt name of a space', { question: 'q', space: 'sale' }, '"sale" is neither the id'],
    ['a name that every object has', { question: 'q', space: 'constructor' }, '"constructor" is neither the id'],
  ])('refuses %s in one line', (_what, request, words) => {
    const parse = (): unknown => parseRequest(request, defaults)

    expect(parse).toThrow(UsageError)
    expect(parse).toThrow(words)
    expect(parse).toThrow(/^[^\n]+$/)
  })

  it('asks for a space when none is set', () => {
    expect(() => parseRequest({ question: 'q' }, { ...defaults, spaceId: '' })).toThrow('GENIE_SPACE_ID')
  })
})

describe('checkWords', () => {
  it('finds what is wrong before anything is set up, and leaves the rest for later', () => {
    expect(() => checkWords({ question: 'q', maxSlides: '0' })).toThrow(UsageError)
    expect(checkWords({ question: 'q', space: 'whatever' })).toEqual({ question: 'q' })
  })
})
