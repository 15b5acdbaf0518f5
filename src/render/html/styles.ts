import { isDark, type Theme } from '../theme.ts'
import { printStyles } from './styles/print.ts'
import { screenStyles } from './styles/screen.ts'
import { slideStyles } from './styles/slides.ts'

/**
 * The style sheet of a deck. Rules that keep the PDF fast and faithful: no blur, no drop shadow, no mask, no conic
 * gradient (Chromium turns them into pictures); solid colours and borders instead.
 */
export function styles(theme: Theme): string {
  const face = `--face:${theme.font === undefined ? '' : `${brandFamily},`}Inter`
  return `${brandFaces(theme)}:root{${colourVariables(theme)};${face}}\n${slideStyles}\n${printStyles}\n${screenStyles}`
}

/**
 * The `style` of an element that shows another side of the theme than the document does, with a space before it; '' where
 * it is the same. On the element and not in the style sheet, so that one slide's look changes no other slide's picture.
 */
export function sideStyle(theme: Theme, document: Theme): string {
  if (theme === document) return ''
  return ` style="color-scheme:${isDark(theme) ? 'dark' : 'light'};${colourVariables(theme)}"`
}

function colourVariables(theme: Theme): string {
  const colours = Object.entries({
    background: theme.background,
    surface: theme.surface,
    ink: theme.ink,
    muted: theme.muted,
    hairline: theme.hairline,
    accent: theme.accent,
    second: theme.series[1] ?? theme.accent,
    cover: theme.cover,
    'on-cover': theme.onCover,
    'on-cover-muted': theme.onCoverMuted,
    'cover-accent': theme.coverAccent,
    warning: theme.warning,
  })
  return colours.map(([name, value]) => `--${name}:${value}`).join(';')
}

const brandFamily = '"Deckhand Brand"'

/** The brand's typeface under a name of its own, so that a look-alike on the machine is never taken instead. */
function brandFaces(theme: Theme): string {
  const { font } = theme
  if (font === undefined) return ''
  const adjust = font.scale === 1 ? '' : `;size-adjust:${Math.round(font.scale * 1000) / 10}%`
  const face = (weight: number, source: string): string =>
    `@font-face{font-family:${brandFamily};font-style:normal;font-weight:${weight};src:${source}${adjust}}\n`
  return face(400, font.regular) + face(600, font.semibold)
}
