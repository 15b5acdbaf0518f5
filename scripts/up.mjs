/**
 * Sets up what a program of this repository needs, then runs it under Node 24:
 *
 *     node scripts/up.mjs [--parts redis,chromium,mlflow] ENTRY [ARGUMENT …]
 *
 * ENTRY is a file of the repository; the program keeps the caller's working folder, streams, signals and exit code.
 * The npm packages are always set up, parts on demand. Everything goes to `node_modules/` and `.deckhand/`; a second
 * run finds it there. Progress and problems are told on stderr.
 *
 * The program learns where the parts are from variables, each left alone when the caller has set it:
 *   DECKHAND_REDIS_SERVER      a redis-server or valkey-server, unless REDIS_URL is set
 *   PUPPETEER_EXECUTABLE_PATH  a headless Chromium
 *   DECKHAND_MLFLOW            the `mlflow` command, unless MLFLOW_TRACKING_URI is set
 *   DECKHAND_PYTHON            the Python that MLflow is installed in
 *
 * Plain JavaScript for Node 18 and newer, without packages: it runs before there is anything else.
 */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parts as known } from './parts/all.mjs'
import { findNode, npm } from './parts/npm.mjs'
import { ensure, SetupError } from './parts/part.mjs'
import { createProgress } from './progress.mjs'

/** @type {readonly NodeJS.Signals[]} */
const passedOn = ['SIGINT', 'SIGTERM', 'SIGHUP']

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const { parts, entry, args } = parseArguments(process.argv.slice(2))
const partsEnv = await setUp([npm, ...parts])
launch(findNode(root), path.resolve(root, entry), args, partsEnv)

/** @param {readonly string[]} given */
function parseArguments(given) {
  const named = given[0] === '--parts'
  const names = named ? (given[1] ?? '').split(',').filter(Boolean) : []
  const [entryFile, ...rest] = named ? given.slice(2) : given
  const unknown = names.filter((name) => !known.some((part) => part.name === name))
  if (unknown.length > 0 || entryFile === undefined || entryFile.startsWith('-')) {
    const usage = `usage: node scripts/up.mjs [--parts ${known.map((part) => part.name).join(',')}] ENTRY [ARGUMENT …]`
    fail(unknown.length > 0 ? `unknown part ${unknown.join(', ')}\n${usage}` : usage, 2)
  }
  return { parts: known.filter((part) => names.includes(part.name)), entry: entryFile, args: rest }
}

/**
 * All parts at once: they wait for the network and for different tools. The first that fails stops the others.
 *
 * @param {readonly import('./parts/part.mjs').Part[]} wanted
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
async function setUp(wanted) {
  const progress = createProgress(process.stderr, process.env)
  const abort = new AbortController()
  const onSignal = (/** @type {NodeJS.Signals} */ signal) => {
    abort.abort()
    progress.close()
    process.exit(exitCode(signal))
  }
  for (const signal of passedOn) process.once(signal, onSignal)
  const context = { root, env: process.env, progress, signal: abort.signal }
  try {
    const envs = await Promise.all(wanted.map((part) => ensure(part, context)))
    findNode(root)
    return Object.assign({}, ...envs)
  } catch (error) {
    abort.abort()
    progress.close()
    if (!(error instanceof SetupError)) throw error
    return fail([error.message, error.detail.replaceAll(/^/gm, '  ')].join('\n').trimEnd(), 1)
  } finally {
    for (const signal of passedOn) process.off(signal, onSignal)
  }
}

/**
 * Runs the program in this process's place, as far as Node lets one process stand for another.
 *
 * @param {string} node @param {string} file @param {readonly string[]} rest @param {NodeJS.ProcessEnv} found
 */
function launch(node, file, rest, found) {
  const bin = path.join(root, 'node_modules', '.bin')
  const env = {
    ...process.env,
    ...found,
    // npm has put its own Node here; whatever the program starts must find the same Node as the program.
    PATH: [path.dirname(node), bin, process.env['PATH'] ?? ''].join(path.delimiter),
    NODE: node,
    npm_node_execpath: node,
  }
  const child = spawn(node, [file, ...rest], { stdio: 'inherit', env })
  for (const signal of passedOn) {
    process.on(signal, () => {
      // A Ctrl-C reaches the program from the terminal as well. Twice would mean "stop at once".
      if (signal !== 'SIGINT' || !isForeground()) child.kill(signal)
    })
  }
  child.on('error', (error) => fail(`cannot start ${node}: ${error.message}`, 1))
  child.on('exit', (code, signal) => {
    process.exitCode = signal ? exitCode(signal) : (code ?? 1)
  })
}

/** True when this process belongs to the group that a terminal sends Ctrl-C to. */
function isForeground() {
  try {
    // After the name in brackets: state, parent, process group, session, terminal, foreground group of the terminal.
    const fields = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return fields[2] === fields[5]
  } catch {
    return process.stdin.isTTY // not Linux
  }
}

/** As a shell reports a program that a signal ended. @param {NodeJS.Signals} signal */
function exitCode(signal) {
  return 128 + os.constants.signals[signal]
}

/** @param {string} message @param {number} code @returns {never} */
function fail(message, code) {
  process.stderr.write(`deckhand: ${message}\n`)
  process.exit(code)
}
