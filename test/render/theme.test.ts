import { describe, expect, it } from 'vitest'
import { contrastRatio, textOn, themeNamed, themeNames } from '../../src/render/theme.ts'

/**
 * Colours as people with a colour vision deficiency see them, on linear RGB.
 * @see Machado, Oliveira and Fernandes (2009), severity 1.0
 */
const visions = {
  usual: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
} as const
type Vision = (typeof visions)[keyof typeof visions]
type Triple = readonly [number, number, number]

describe.each(themeNames)('theme %s', (name) => {
  const theme = themeNamed(name)

  it('has text that reads on every background it stands on', () => {
    const pairs = [
      [theme.ink, theme.background],
      [theme.ink, theme.surface],
      [theme.muted, theme.background],
      [theme.muted, theme.surface],
      [theme.warning, theme.background],
      [theme.warning, theme.surface],
      [theme.onCover, theme.cover],
      [theme.onCoverMuted, theme.cover],
      [theme.coverAccent, theme.cover],
      ...[...theme.series, theme.other].map((colour) => [textOn(colour), colour]),
    ] as const

    for (const [text = '', background = ''] of pairs)
      expect.soft(contrastRatio(text, background), `${text} on ${background}`).toBeGreaterThanOrEqual(4.5)
  })

  it('has series colours that stand out from the background', () => {
    for (const colour of theme.series)
      expect.soft(contrastRatio(colour, theme.background), colour).toBeGreaterThanOrEqual(3)
  })

  it.each(Object.entries(visions))('has series colours that %s tells apart', (_, vision) => {
    const colours = [...theme.series, theme.other]

    const distances = colours.flatMap((first, index) =>
      colours.slice(index + 1).map((second) => ({ first, second, distance: distance(first, second, vision) })),
    )

    // In OKLab, 0.02 is about the smallest difference that is seen at all.
    for (const pair of distances) expect.soft(pair.distance, `${pair.first} and ${pair.second}`).toBeGreaterThan(0.09)
  })
})

describe('themeNamed', () => {
  it('is the light theme for a name it does not know', () => {
    expect(themeNamed('constructor')).toBe(themeNamed('light'))
  })
})

describe('contrastRatio', () => {
  it('is 21 for black on white and 1 for a colour on itself', () => {
    expect(contrastRatio('#000000', '#ffffff')).toBeCloseTo(21)
    expect(contrastRatio('#1d57a8', '#1d57a8')).toBe(1)
  })
})

function distance(first: string, second: string, vision: Vision): number {
  const [a, b] = [first, second].map((hex) => oklab(seen(linear(hex), vision)))
  return Math.hypot(...[0, 1, 2].map((at) => (a?.[at] ?? 0) - (b?.[at] ?? 0)))
}

function linear(hex: string): Triple {
  const channel = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return [channel(1), channel(3), channel(5)]
}

function seen([red, green, blue]: Triple, vision: Vision): Triple {
  const row = (at: number): number =>
    Math.min(1, Math.max(0, (vision[at] ?? 0) * red + (vision[at + 1] ?? 0) * green + (vision[at + 2] ?? 0) * blue))
  return [row(0), row(3), row(6)]
}

/** @see https://bottosson.github.io/posts/oklab/ */
function oklab([red, green, blue]: Triple): Triple {
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}
