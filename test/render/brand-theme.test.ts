import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBrandThemes } from '../../src/render/brand-sides.ts'
import { BrandThemeFile, createBrandTheme } from '../../src/render/brand-theme.ts'
import { deckToHtml } from '../../src/render/html/deck-to-html.ts'
import {
  contrastProblems,
  contrastRatio,
  isDark,
  themeInShade,
  themeNamed,
  type Theme,
  type Themes,
} from '../../src/render/theme.ts'
import { readFontFile } from '../../src/render/typography/font-file.ts'
import { interWidth } from '../../src/render/typography/fonts.ts'
import { loadThemes } from '../../src/settings.ts'
import { salesDeck } from '../fixtures/decks/sales.ts'

const require = createRequire(import.meta.url)
const inter = (name: string): Buffer => readFileSync(require.resolve(`@fontsource/inter/files/${name}`))
const svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40"><rect width="120" height="40"/></svg>'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'deckhand-themes-'))
  writeFileSync(join(folder, 'logo.svg'), svg)
  writeFileSync(join(folder, 'regular.woff2'), inter('inter-latin-400-normal.woff2'))
  writeFileSync(join(folder, 'semibold.woff'), inter('inter-latin-600-normal.woff'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function load(brand: unknown): { theme: Theme | null; problems: readonly string[] } {
  const problems: string[] = []
  return { theme: createBrandTheme('brand', BrandThemeFile.parse(brand), folder, problems), problems }
}

describe('createBrandTheme', () => {
  it('takes from its base what the file leaves out', () => {
    const { theme, problems } = load({ base: 'dark', colours: { accent: '#7FC8FF' }, footer: ' ACME ' })

    expect(problems).toEqual([])
    expect(theme).toEqual({ ...themeNamed('dark'), name: 'brand', accent: '#7fc8ff', footer: 'ACME' })
  })

  it('refuses colours that do not read, with the pair, the contrast and what it should be', () => {
    const { theme, problems } = load({ base: 'light', colours: { muted: '#b0b0b0', cover: '#f0f0f0' } })

    expect(theme).toBeNull()
    expect(problems).toContain(
      'colours: muted on background is #b0b0b0 on #ffffff with a contrast of 2.2, should be at least 4.5',
    )
    expect(problems.filter((problem) => problem.includes('on cover'))).toHaveLength(3)
  })

  it.each([
    ['../outside.svg', 'logo: is "../outside.svg", should be a file beside the theme'],
    ['absent.svg', 'logo: cannot read "absent.svg" in the folder of themes'],
  ])('refuses the logo %s', (logo, problem) => {
    expect(load({ base: 'light', logo }).problems).toEqual([problem])
  })

  it.each([
    ['a script', '<svg viewBox="0 0 9 9"><script>alert(1)</script></svg>'],
    ['a handler', '<svg viewBox="0 0 9 9" onload="alert(1)"></svg>'],
    ['a foreign page', '<svg viewBox="0 0 9 9"><foreignObject/></svg>'],
    ['something from outside', '<svg viewBox="0 0 9 9"><image href="http://169.254.169.254/"/></svg>'],
    ['no size', '<svg><rect/></svg>'],
    ['too much width', '<svg viewBox="0 0 900 9"/>'],
  ])('refuses an SVG with %s', (_, text) => {
    writeFileSync(join(folder, 'logo.svg'), text)

    expect(load({ base: 'light', logo: 'logo.svg' }).problems[0]).toMatch(/^logo: cannot use "logo.svg"/)
  })

  it('refuses a picture that would weigh on every deck', () => {
    writeFileSync(join(folder, 'logo.svg'), svg + ' '.repeat(200_000))

    expect(load({ base: 'light', logo: 'logo.svg' }).problems[0]).toMatch(/bytes, should have at most 150000/)
  })

  it('embeds font files and draws them no wider than what was measured', () => {
    const { theme } = load({
      base: 'light',
      font: { name: 'Own', regular: 'regular.woff2', semibold: 'semibold.woff' },
    })

    expect(theme?.font?.regular).toMatch(/^url\(data:font\/woff2;base64,.*\) format\("woff2"\)$/)
    expect(theme?.font?.semibold).toMatch(/^url\(data:font\/woff;base64,/)
    expect(theme?.font?.scale).toBe(1)
  })

  it('refuses what is no font', () => {
    writeFileSync(join(folder, 'regular.woff2'), 'no font')

    const { problems } = load({
      base: 'light',
      font: { name: 'Own', regular: 'regular.woff2', semibold: 'semibold.woff' },
    })

    expect(problems).toEqual(['font: cannot use "regular.woff2": it is no TrueType, WOFF or WOFF2 font'])
  })
})

describe('createBrandThemes', () => {
  const both = (brand: unknown): { readonly themes: Themes; readonly problems: readonly string[] } => {
    const problems: string[] = []
    return { themes: createBrandThemes('brand', BrandThemeFile.parse(brand), folder, problems), problems }
  }

  it('gives a light brand a dark side with its own cover, footer and colours made light enough', () => {
    const colours = { accent: '#0b3c5d', cover: '#0b3c5d', series: ['#0b3c5d', '#7a1f3d', '#1f5c2e', '#5b3a8c'] }
    const { themes, problems } = both({ base: 'light', colours, logo: 'logo.svg', footer: 'ACME' })

    const [light, dark] = [themes.get('brand-light'), themes.get('brand-dark')]
    expect(problems).toEqual([])
    expect(light).toEqual({ ...themes.get('brand'), name: 'brand-light' })
    expect(dark && isDark(dark)).toBe(true)
    expect(dark).toMatchObject({ cover: '#0b3c5d', footer: 'ACME', logo: light?.logo })
    expect(dark?.series).toHaveLength(4)
    expect(dark?.series.every((colour) => contrastRatio(colour, dark.background) >= 3)).toBe(true)
    expect(dark && contrastProblems(dark)).toEqual([])
  })

  it('takes what the file says of the other side', () => {
    writeFileSync(join(folder, 'bright.svg'), svg.replace('40"/>', '40" fill="#fff"/>'))
    const { themes } = both({
      base: 'light',
      logo: 'logo.svg',
      dark: { logo: 'bright.svg', colours: { ink: '#fafafa' } },
    })

    expect(themes.get('brand-dark')?.ink).toBe('#fafafa')
    expect(themes.get('brand-dark')?.logo?.content).not.toEqual(themes.get('brand')?.logo?.content)
    expect(themes.get('brand')?.ink).toBe(themeNamed('light').ink)
  })

  it('says which side a problem is on, and that a base needs no side of its own', () => {
    expect(both({ base: 'dark', light: { colours: { ink: '#f0f0f0' } } }).problems[0]).toMatch(
      /^light: colours: ink on/,
    )
    const series = ['#0b3c5d', '#7a1f3d', '#1f5c2e', '#5b3a8c']
    expect(both({ base: 'dark', light: { colours: { series } } }).problems).toEqual([
      'light: colours: series has 4 colours, should have 6 as the base has',
    ])
    expect(both({ base: 'dark', dark: {} }).problems).toEqual(['dark: is the base itself, should stand in colours'])
  })
})

describe('themeInShade', () => {
  it.each([
    ['light', 'dark', 'dark'],
    ['dark', 'light', 'light'],
    ['harbour', 'dark', 'harbour-dark'],
    ['harbour-dark', 'light', 'harbour-light'],
    ['harbour-dark', 'dark', 'harbour-dark'],
  ] as const)('of %s in %s is %s', (name, shade, expected) => {
    expect(themeInShade(name, shade)).toBe(expected)
  })
})

describe('readFontFile', () => {
  it('reads the same widths from WOFF and WOFF2', () => {
    const woff = readFontFile(inter('inter-latin-400-normal.woff'))
    const woff2 = readFontFile(inter('inter-latin-400-normal.woff2'))

    expect([woff.format, woff2.format]).toEqual(['woff', 'woff2'])
    expect(woff2.widths.get(0x57)).toBe(interWidth(0x57, 400))
    expect([...woff2.widths]).toEqual([...woff.widths])
  })
})

describe('a deck in a brand theme', () => {
  it('carries colours, typeface, logo and footer, and still needs nothing from outside', () => {
    const { theme } = load({
      base: 'light',
      colours: { accent: '#0b6470' },
      font: { name: 'Georgia', scale: 0.9 },
      logo: 'logo.svg',
      footer: 'ACME <b>',
    })
    const html = deckToHtml(salesDeck({ theme: 'brand' }), {
      themes: new Map([['brand', theme ?? themeNamed('light')]]),
    })

    expect(html).toContain('--accent:#0b6470')
    expect(html).toMatch(/@font-face\{font-family:"Deckhand Brand";[^}]*local\("Georgia"\)[^}]*size-adjust:90%/)
    expect(html).toContain('ACME &lt;b&gt;')
    expect(
      html.match(/<img class="logo" alt="" src="data:image\/svg\+xml;base64,[^"]+" width="72" height="24">/g),
    ).toHaveLength(11)
    expect(html).not.toMatch(/(?:src|href)\s*=\s*"(?!data:|#)/)
  })

  it('is drawn in the light theme where the brand is not installed', () => {
    expect(deckToHtml(salesDeck({ theme: 'brand' }))).toBe(deckToHtml(salesDeck({ theme: 'light' })))
  })
})

describe('the themes that are shipped', () => {
  it('load without a problem', () => {
    const problems: string[] = []
    const { loaded } = loadThemes(join(import.meta.dirname, '../../config/themes'), { env: {}, secrets: [] }, problems)

    expect(problems).toEqual([])
    expect([...loaded.keys()]).toEqual(['harbour', 'harbour-light', 'harbour-dark'])
    expect([...loaded.values()].flatMap(contrastProblems)).toEqual([])
  })

  it.each(['light', 'dark'])('%s has no problem either', (name) => {
    expect(contrastProblems(themeNamed(name))).toEqual([])
  })
})
