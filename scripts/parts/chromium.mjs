/**
 * A headless Chromium. In order: the one `PUPPETEER_EXECUTABLE_PATH` names, one installed on this machine, Debian's
 * headless shell unpacked privately. The headless shell prints twice as fast as the full browser.
 *
 * An installed browser often comes without fonts for most of the world: those that the machine lacks are unpacked
 * privately, too, and `FONTCONFIG_FILE` shows them to the browser beside the machine's own.
 *
 * Tells the program `PUPPETEER_EXECUTABLE_PATH`, always something that becomes the browser itself: Debian's own
 * /usr/bin/chromium* start it as a child, and killing them leaves the browser running.
 */
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { checkLibraries, unpackDebian } from './debian.mjs'
import { emptyFolder, isExecutable, readStamp, run, SetupError, writeStamp, writeWrapper } from './part.mjs'

const name = 'chromium'
const orElse = 'cannot get Chromium: install chromium, or set PUPPETEER_EXECUTABLE_PATH to a Chrome or Chromium'

const installedBrowsers = [
  '/usr/lib/chromium/chromium-headless-shell',
  '/usr/lib64/chromium-browser/headless_shell',
  '/usr/lib/chromium/chromium',
  '/usr/lib64/chromium-browser/chromium-browser',
  '/opt/google/chrome/chrome',
]

/**
 * Decks bring their own Latin face. These draw the other scripts, symbols and emoji that come with people's data;
 * Micro Hei for Chinese, Japanese and Korean because it is TrueType, which embeds well in a PDF, and a fiftieth of Noto's.
 */
const fonts = ['liberation', 'dejavu-core', 'noto-core', 'wqy-microhei', 'noto-color-emoji'].map(
  (name) => `fonts-${name}`,
)
/** Where Debian puts a file of each font that an installed browser needs beside those of the deck; any one of them will do. */
const needed = {
  'fonts-dejavu-core': ['truetype/dejavu/DejaVuSans.ttf'],
  'fonts-noto-core': ['truetype/noto/NotoSansArabic-Regular.ttf'],
  'fonts-wqy-microhei': ['truetype/wqy/wqy-microhei.ttc', 'opentype/noto/NotoSansCJK-Regular.ttc'],
  'fonts-noto-color-emoji': ['truetype/noto/NotoColorEmoji.ttf'],
}
const packages = ['chromium-headless-shell', ...fonts]
const recipe = packages.join(' ')

/** @type {import('./part.mjs').Part} */
export const chromium = {
  name,
  title: 'Chromium',
  find(place) {
    if (place.env['PUPPETEER_EXECUTABLE_PATH']) return {}
    const installed = installedBrowsers.find(isExecutable)
    if (!installed) return readStamp(place, name, recipe)
    const missing = missingFonts(place)
    return missing.length === 0
      ? { PUPPETEER_EXECUTABLE_PATH: installed }
      : readStamp(place, name, fontRecipe(installed, missing))
  },
  async install(context) {
    const installed = installedBrowsers.find(isExecutable)
    if (installed) return installFonts(context, installed, missingFonts(context))
    const folder = await emptyFolder(context, name)
    const { tree, libraries } = await unpackDebian(context, { packages, folder, orElse })
    const program = path.join(tree, 'usr/lib/chromium/chromium-headless-shell')
    await checkLibraries(context, program, libraries, orElse)
    const fontConfig = path.join(folder, 'fonts.conf')
    await writeFile(fontConfig, fontSettings(tree, path.join(folder, 'font-cache')))
    const wrapper = await writeWrapper(context, 'chromium', program, {
      variables: { FONTCONFIG_FILE: fontConfig },
      libraries,
    })
    await run(context, wrapper, ['--version'], { what: 'the first start of Chromium' })
    return writeStamp(context, name, recipe, { PUPPETEER_EXECUTABLE_PATH: wrapper })
  },
}

/** Packages of the fonts that this machine lacks. @param {import('./part.mjs').Place} place */
function missingFonts(place) {
  const folders = [
    '/usr/share/fonts',
    '/usr/local/share/fonts',
    path.join(place.env['HOME'] ?? '', '.local/share/fonts'),
  ]
  return Object.entries(needed)
    .filter(([, files]) => !folders.some((folder) => files.some((file) => existsSync(path.join(folder, file)))))
    .map(([fontPackage]) => fontPackage)
}

/** @param {string} installed @param {readonly string[]} missing */
const fontRecipe = (installed, missing) => [installed, ...missing].join(' ')

/**
 * Fonts for an installed browser. Where they cannot be had, decks in those scripts show boxes; everything else works, so
 * that is a note and no failure.
 *
 * @param {import('./part.mjs').Context} context @param {string} installed @param {readonly string[]} missing
 */
async function installFonts(context, installed, missing) {
  const folder = await emptyFolder(context, name)
  const env = { PUPPETEER_EXECUTABLE_PATH: installed }
  try {
    const { tree } = await unpackDebian(context, { packages: missing, folder, orElse: 'cannot get fonts' })
    const fontConfig = path.join(folder, 'fonts.conf')
    await writeFile(fontConfig, fontSettings(tree, path.join(folder, 'font-cache')))
    return await writeStamp(context, name, fontRecipe(installed, missing), { ...env, FONTCONFIG_FILE: fontConfig })
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    const again = `remove ${path.join('.deckhand', name)} to try again`
    process.stderr.write(
      `deckhand: ${missing.join(', ')} not installed, some scripts and emoji will show as boxes; ${again}\n`,
    )
    return writeStamp(context, name, fontRecipe(installed, missing), env)
  }
}

/**
 * The machine's fonts and ours. The cache comes first, because fontconfig writes to the first folder it may
 * write to, and the machine's own are outside the repository.
 *
 * @param {string} tree @param {string} cache
 */
const fontSettings = (tree, cache) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <cachedir>${xml(cache)}</cachedir>
  <dir>${xml(path.join(tree, 'usr/share/fonts'))}</dir>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
</fontconfig>
`

/** @param {string} text */
const xml = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
