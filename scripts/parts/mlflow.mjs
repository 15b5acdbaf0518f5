/**
 * MLflow in a Python environment of its own, unless `MLFLOW_TRACKING_URI` names a server.
 *
 * uv installs the pinned set in a few seconds where pip takes half a minute; it comes from the Python registry like
 * the rest and is given pip's settings. Where it does not work, pip does the same.
 *
 * Tells the program `DECKHAND_MLFLOW`, the mlflow command, and `DECKHAND_PYTHON`, the Python it is installed in.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { emptyFolder, isExecutable, readStamp, run, SetupError, writeStamp } from './part.mjs'
import { findPython } from './python.mjs'

const name = 'mlflow'
const uvVersion = '0.13.9'
const requirements = fileURLToPath(new URL('mlflow-requirements.txt', import.meta.url))
/** Without the remarks, so that rewording one makes nobody install again. */
const pins = () => readFileSync(requirements, 'utf8').replaceAll(/^#.*\n/gm, '')
const recipe = createHash('sha256').update(pins()).update(uvVersion).digest('hex')

/** @type {import('./part.mjs').Part} */
export const mlflow = {
  name,
  title: 'MLflow',
  find: (place) => (place.env['MLFLOW_TRACKING_URI'] ? {} : readStamp(place, name, recipe)),
  async install(context) {
    const folder = path.join(await emptyFolder(context, name), 'python')
    const base = await findPython(context)
    await run(context, base, ['-m', 'venv', folder], { what: 'making a Python environment' })
    const python = path.join(folder, 'bin', 'python')
    const set = ['install', '--quiet', '--no-deps', '--only-binary', ':all:', '--requirement', requirements]
    try {
      const sources = await pipSources(context, python)
      await run(context, python, ['-m', 'pip', 'install', '--quiet', `uv==${uvVersion}`], { what: 'installing uv' })
      const env = { ...context.env, ...sources }
      await run(context, path.join(folder, 'bin', 'uv'), ['pip', ...set, '--python', python], { env })
    } catch (error) {
      if (!(error instanceof SetupError)) throw error
      await run(context, python, ['-m', 'pip', ...set], { what: 'installing MLflow with pip' })
    }
    const command = path.join(folder, 'bin', 'mlflow')
    if (!isExecutable(command)) throw new SetupError('the Python packages of MLflow came without the mlflow command')
    return writeStamp(context, name, recipe, { DECKHAND_MLFLOW: command, DECKHAND_PYTHON: python })
  },
}

/** What uv calls the settings of pip that decide where packages come from. */
const uvNames = new Map([
  ['index-url', 'UV_DEFAULT_INDEX'],
  ['extra-index-url', 'UV_INDEX'],
  ['find-links', 'UV_FIND_LINKS'],
  ['trusted-host', 'UV_INSECURE_HOST'],
  ['cert', 'SSL_CERT_FILE'],
  ['proxy', 'ALL_PROXY'],
])

/**
 * The user's pip settings as variables for uv.
 *
 * @param {import('./part.mjs').Context} context
 * @param {string} python
 * @returns {Promise<Record<string, string>>}
 * @throws {SetupError} for a setting that uv does not have
 */
async function pipSources(context, python) {
  /** @type {Record<string, string>} */
  const sources = {}
  // One line a setting, as in global.index-url='…'; later lines win, as they do for pip.
  for (const line of (await run(context, python, ['-m', 'pip', 'config', 'list'])).split('\n')) {
    const [, key, value] = /^(?:global|install|:env:)\.([\w-]+)='(.*)'$/.exec(line) ?? []
    if (key === undefined || value === undefined) continue
    if (['no-index', 'client-cert', 'constraint'].includes(key)) throw new SetupError(`uv does not know ${key}`)
    const uvName = uvNames.get(key)
    if (uvName)
      sources[uvName] = value
        .split(/\\n|\s+/)
        .filter(Boolean)
        .join(key === 'find-links' ? ',' : ' ')
  }
  return sources
}
