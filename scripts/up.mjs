/**
 * The set-up behind `scripts/up`, which says how to call it: makes sure that the npm packages and the named parts are
 * there, and prints the shell commands that turn the caller into ENTRY, a file of the repository, under Node 24.
 *
 * Everything goes to `node_modules/` and `.deckhand/`; a second run finds it there. Progress and problems are told on
 * stderr. The program learns where the parts are from variables, each left alone when the caller has set it:
 *
 *   DECKHAND_REDIS_SERVER      a redis-server or valkey-server, unless REDIS_URL is set
 *   PUPPETEER_EXECUTABLE_PATH  a headless Chromium
 *   DECKHAND_MLFLOW            the `mlflow` command, unless MLFLOW_TRACKING_URI is set
 *   DECKHAND_PYTHON            the Python that MLflow is installed in
 *
 * Plain JavaScript for Node 18 and newer, without packages: it runs before there is anything else.
 */
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parts as known } from './parts/all.mjs'
import { findNode, npm } from './parts/npm.mjs'
import { ensure, quote, SetupError } from './parts/part.mjs'
import { createProgress } from './progress.mjs'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const { parts, entry, taken } = parseArguments(process.argv.slice(2))
const { node, found } = await setUp([npm, ...parts])
const env = {
  ...found,
  PATH: [path.dirname(node), path.join(root, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(path.delimiter),
  // npm has put its own Node here; whatever the program starts must find the same Node as the program.
  NODE: node,
  npm_node_execpath: node,
  // Node keeps what it made of our sources: half the work of a short command is reading them.
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? path.join(root, '.deckhand', 'compile-cache'),
}
const exports = Object.entries(env).map(([name, value]) => `export ${name}=${quote(value)}`)
const commands = [...exports, `shift ${taken}`, `exec ${quote(node)} ${quote(path.resolve(root, entry))} "$@"`]
process.stdout.write(`${commands.join('\n')}\n`)

/** @param {readonly string[]} args */
function parseArguments(args) {
  const named = args[0] === '--parts'
  const names = named ? (args[1] ?? '').split(',').filter(Boolean) : []
  const file = args[named ? 2 : 0]
  const unknown = names.filter((name) => !known.some((part) => part.name === name))
  if (unknown.length > 0 || file === undefined || file.startsWith('-')) {
    const usage = `usage: sh scripts/up [--parts ${known.map((part) => part.name).join(',')}] ENTRY [ARGUMENT …]`
    fail(unknown.length > 0 ? `unknown part ${unknown.join(', ')}\n${usage}` : usage, 2)
  }
  return { parts: known.filter((part) => names.includes(part.name)), entry: file, taken: named ? 3 : 1 }
}

/**
 * All parts at once: they wait for the network and for different tools. The first that fails stops the others.
 *
 * @param {readonly import('./parts/part.mjs').Part[]} wanted
 * @returns {Promise<{node: string, found: Record<string, string>}>}
 */
async function setUp(wanted) {
  const progress = createProgress(process.stderr, process.env)
  const abort = new AbortController()
  const giveUp = (/** @type {number} */ code) => {
    abort.abort()
    progress.close()
    process.exit(code)
  }
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => giveUp(128 + os.constants.signals[signal]))
  }
  // A signal may end only the shell that waits for the answer. Nobody needs the set-up then.
  const shell = process.ppid
  const watch = setInterval(() => process.ppid !== shell && giveUp(1), 200)
  try {
    const envs = await Promise.all(
      wanted.map((part) => ensure(part, { root, env: process.env, progress, signal: abort.signal })),
    )
    return { node: findNode(root), found: Object.assign({}, ...envs) }
  } catch (error) {
    abort.abort()
    progress.close()
    if (!(error instanceof SetupError)) throw error
    return fail([error.message, error.detail.replaceAll(/^/gm, '  ')].join('\n').trimEnd(), 1)
  } finally {
    clearInterval(watch)
  }
}

/** @param {string} message @param {number} code @returns {never} */
function fail(message, code) {
  process.stderr.write(`deckhand: ${message}\n`)
  process.exit(code)
}
