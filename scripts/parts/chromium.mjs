/**
 * A headless Chromium. In order: the one `PUPPETEER_EXECUTABLE_PATH` names, one installed on this machine, Debian's
 * headless shell unpacked privately. The headless shell prints twice as fast as the full browser.
 *
 * Tells the program `PUPPETEER_EXECUTABLE_PATH`, always something that becomes the browser itself: Debian's own
 * /usr/bin/chromium* start it as a child, and killing them leaves the browser running.
 */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { checkLibraries, unpackDebian } from './debian.mjs'
import { emptyFolder, isExecutable, readStamp, run, writeStamp, writeWrapper } from './part.mjs'

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
 * Droid for Chinese, Japanese and Korean because it is TrueType, which embeds well in a PDF, and a thirtieth of Noto's.
 */
const fonts = ['liberation', 'dejavu-core', 'noto-core', 'droid-fallback', 'noto-color-emoji'].map(
  (name) => `fonts-${name}`,
)
const packages = ['chromium-headless-shell', ...fonts]
const recipe = packages.join(' ')

/** @type {import('./part.mjs').Part} */
export const chromium = {
  name,
  title: 'Chromium',
  find(place) {
    if (place.env['PUPPETEER_EXECUTABLE_PATH']) return {}
    const installed = installedBrowsers.find(isExecutable)
    return installed ? { PUPPETEER_EXECUTABLE_PATH: installed } : readStamp(place, name, recipe)
  },
  async install(context) {
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
