import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/lib/log.ts'
import { createRenderer } from '../../src/render/create-renderer.ts'
import type { Deck } from '../../src/render/deck.ts'
import { deckToHtml } from '../../src/render/html/deck-to-html.ts'
import { deckToPptx } from '../../src/render/office/pptx/deck-to-pptx.ts'
import { salesDeck } from '../fixtures/decks/sales.ts'
import { officeProblems, readOffice } from './office/read-office.ts'
import { browserPath } from './support.ts'

const traceUrl = 'http://127.0.0.1:5000/#/experiments/1/traces/tr-0123?tab=a&b="c"'
const deckUrl = 'https://decks.example.com/d/T1/deck.html?signature=abc'
const linked = salesDeck({ traceUrl, deckUrl })

function addressesOf(html: string): readonly string[] {
  return [...html.matchAll(/ href="([^"]*)"/g)].map(([, address = '']) => address).filter((one) => !one.startsWith('#'))
}

describe('the links of a deck to its trace and to itself', () => {
  it('stand on the cover and on the closing slide of the page', () => {
    const html = deckToHtml(linked)

    const both = [traceUrl.replaceAll('&', '&amp;').replaceAll('"', '%22'), deckUrl]
    expect(
      addressesOf(html)
        .slice(0, 4)
        .map((one) => one.replaceAll('&quot;', '%22')),
    ).toEqual([...both, ...both])
    expect(html).toContain('>How this answer came about</a>')
    expect(html).toContain('>This deck online</a>')
  })

  it('can be clicked in the PDF', async () => {
    await using renderer = createRenderer({ browserPath, pages: 1, timeoutMs: 30_000, log: silentLogger })
    const deck = { ...linked, slides: [linked.slides[0], linked.slides.at(-1)] as Deck['slides'] }

    const [pdf] = await Array.fromAsync(renderer.render(deck, ['pdf'], new AbortController().signal))

    const source = Buffer.from(pdf?.bytes ?? []).toString('latin1')
    const addresses = [...source.matchAll(/\/URI \(([^)]*)\)/g)].map(([, address]) => address)
    expect(
      addresses.filter((one) => one?.startsWith('http://127.0.0.1:5000/#/experiments/1/traces/tr-0123')),
    ).toHaveLength(2)
    expect(addresses.filter((one) => one === deckUrl)).toHaveLength(2)
  })

  it('can be clicked in PowerPoint', async () => {
    const file = readOffice(await deckToPptx(linked))

    expect(officeProblems(file)).toEqual([])
    const last = linked.slides.length
    expect(file.text(`ppt/slides/slide${last}.xml`)).toContain('<a:hlinkClick r:id="rIdLink-trace">')
    const relationships = file.text(`ppt/slides/_rels/slide${last}.xml.rels`)
    expect(relationships).toContain(`Target="${deckUrl}" TargetMode="External"`)
    expect(relationships).toContain('tr-0123?tab=a&amp;b=')
    expect(file.text('ppt/slides/_rels/slide2.xml.rels')).not.toContain('TargetMode')
  })

  it.each([
    "javascript:fetch('http://x')",
    ' javascript:alert(1)',
    'file:///etc/passwd',
    'data:text/html,<script>1</script>',
    'vbscript:x',
    '\\\\host\\share',
    'ms-excel:ofe|u|http://x',
    `https://example.com/${'a'.repeat(3_000)}`,
    'no address',
  ])('are left out when they are no address of the web: %s', async (address) => {
    const deck = salesDeck({ traceUrl: address, deckUrl: address })

    expect(addressesOf(deckToHtml(deck))).toEqual([])
    const file = readOffice(await deckToPptx(deck))
    expect(file.names.filter((name) => name.endsWith('.rels') && file.text(name).includes('TargetMode'))).toEqual([])
  })

  it('stay inside of their attribute', async () => {
    const deck = salesDeck({ traceUrl: `https://example.com/"><script>alert(1)</script>` })

    expect(deckToHtml(deck)).not.toContain('<script')
    expect(officeProblems(readOffice(await deckToPptx(deck)))).toEqual([])
  })
})
