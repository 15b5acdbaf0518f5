/**
 * What every part shares: a folder of its own under `.deckhand/`, a stamp that says it is complete, a lock against two
 * first runs at the same time, and commands that end in one clear sentence when they fail.
 *
 * Plain JavaScript for Node 18 and newer, without packages: it runs before there is anything else.
 */
import { spawn } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'

/**
 * @typedef {object} Place
 * @property {string} root the repository folder, absolute
 * @property {NodeJS.ProcessEnv} env what the caller has set
 */

/**
 * @typedef {object} Work
 * @property {import('../progress.mjs').Progress} progress
 * @property {AbortSignal} signal ends every running command when the set-up is given up
 */

/** @typedef {Place & Work} Context */

/**
 * Something the program needs that npm alone does not bring.
 *
 * @typedef {object} Part
 * @property {string} name as in `--parts`; also its folder under `.deckhand/`
 * @property {string} title for people
 * @property {(place: Place) => Env | undefined} find what is ready to use now; cheap, called on every start
 * @property {(context: Context) => Promise<Env>} install called when `find` found nothing, by one process at a time
 */

/** @typedef {Record<string, string>} Env variables that tell the program where a part is */

/** The set-up cannot go on. `message` is one sentence for the person at the shell; `detail` what the tool printed. */
export class SetupError extends Error {
  /** @param {string} message @param {string} [detail] */
  constructor(message, detail = '') {
    super(message)
    this.name = 'SetupError'
    this.detail = detail
  }
}

/** The folder that holds everything a set-up makes, except `node_modules`. @param {Place} place */
const home = (place) => path.join(place.root, '.deckhand')

/**
 * Finds a part or installs it.
 *
 * @param {Part} part
 * @param {Context} context
 * @returns {Promise<Env>}
 */
export async function ensure(part, context) {
  const found = part.find(context)
  if (found) return found
  return context.progress.step(part.title, async () => {
    await mkdir(home(context), { recursive: true })
    const release = await lock(path.join(home(context), `${part.name}.lock`), context)
    // pip and others leave things in the temporary folder when they are interrupted.
    const TMPDIR = path.join(home(context), `${part.name}.tmp`)
    try {
      await rm(TMPDIR, { recursive: true, force: true })
      await mkdir(TMPDIR)
      // Another process may have finished the same work while this one waited.
      return part.find(context) ?? (await part.install({ ...context, env: { ...context.env, TMPDIR } }))
    } finally {
      await rm(TMPDIR, { recursive: true, force: true })
      release()
    }
  })
}

/**
 * Runs a command to its end and gives back what it printed on stdout.
 *
 * @param {Context} context
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, what?: string, missing?: string, tolerate?: boolean}} [options]
 *   `what` names the work in an error; `missing` is the sentence when the command does not exist; `tolerate` lets any
 *   exit code pass
 * @returns {Promise<string>}
 */
export function run(context, command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? context.root,
      env: options.env ?? context.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: context.signal,
      killSignal: 'SIGKILL', // npm and pip tidy up for seconds; what they leave half done is done anew
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (/** @type {Buffer} */ chunk) => (stdout += chunk.toString()))
    child.stderr.on('data', (/** @type {Buffer} */ chunk) => (stderr += chunk.toString()))
    child.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code === 'ENOENT') reject(new SetupError(options.missing ?? `cannot find the command ${command}`))
      else reject(error)
    })
    child.on('close', (code, signal) => {
      if (code === 0 || (options.tolerate && code !== null)) return resolve(stdout)
      const end = signal ? `was ended by ${signal}` : `ended with code ${code}`
      reject(new SetupError(`${options.what ?? `${command} ${args[0] ?? ''}`} ${end}`, lastLines(`${stdout}${stderr}`)))
    })
  })
}

/** The place of an executable file on PATH. @param {string} name @param {NodeJS.ProcessEnv} env */
export function onPath(name, env) {
  for (const folder of (env['PATH'] ?? '').split(path.delimiter)) {
    const file = path.join(folder, name)
    if (folder !== '' && isExecutable(file)) return file
  }
  return undefined
}

/** @param {string} file */
export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * The variables of a part that is complete and of this recipe. The repository's own path belongs to the recipe:
 * wrappers and Python environments hold absolute paths, so a moved checkout starts over.
 *
 * @param {Place} place
 * @param {string} name
 * @param {string} recipe changes whenever what would be installed changes
 * @returns {Env | undefined}
 */
export function readStamp(place, name, recipe) {
  try {
    const stamp = JSON.parse(readFileSync(stampFile(place, name), 'utf8'))
    if (stamp.recipe !== recipe || stamp.root !== place.root) return undefined
    return Object.values(stamp.env).every((file) => existsSync(file)) ? stamp.env : undefined
  } catch {
    return undefined // no stamp, or one cut off in the middle: the part is not complete
  }
}

/**
 * Says that a part is complete. `env` holds paths only. To be called last.
 *
 * @param {Context} context @param {string} name @param {string} recipe @param {Env} env
 * @returns {Promise<Env>}
 */
export async function writeStamp(context, name, recipe, env) {
  await writeFile(stampFile(context, name), `${JSON.stringify({ recipe, root: context.root, env }, null, 2)}\n`)
  return env
}

/** An empty folder for a part; an older or half-made one is removed. @param {Context} context @param {string} name */
export async function emptyFolder(context, name) {
  const folder = path.join(home(context), name)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  return folder
}

/**
 * Writes `.deckhand/bin/NAME`, which sets variables and becomes the program itself, so that whoever starts it has the
 * program's own process id.
 *
 * @param {Context} context
 * @param {string} name
 * @param {string} program
 * @param {{variables?: Record<string, string>, libraries?: readonly string[]}} options
 */
export async function writeWrapper(context, name, program, { variables = {}, libraries = [] }) {
  const file = path.join(home(context), 'bin', name)
  const lines = Object.entries(variables).map(([key, value]) => `export ${key}=${quote(value)}`)
  if (libraries.length > 0) {
    lines.push(`export LD_LIBRARY_PATH=${quote(libraries.join(':'))}\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}`)
  }
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, ['#!/bin/sh', ...lines, `exec ${quote(program)} "$@"`, ''].join('\n'))
  await chmod(file, 0o755)
  return file
}

/**
 * Waits for an exclusive lock on a file; the returned function gives it up. A process holds it for us and ends with its
 * stdin, so the kernel frees the lock however this process dies. Without `flock` (it is part of every Debian) there is
 * no lock.
 *
 * @param {string} file @param {Context} context
 * @returns {Promise<() => void>}
 */
function lock(file, context) {
  return new Promise((resolve, reject) => {
    const holder = spawn('flock', [file, 'sh', '-c', 'echo held; exec cat'], { stdio: ['pipe', 'pipe', 'ignore'] })
    const giveUp = () => holder.stdin.destroy()
    holder.stdin.on('error', () => {})
    holder.on('error', () => resolve(() => {}))
    holder.stdout.once('data', () => resolve(giveUp))
    holder.on('exit', (code) => reject(new SetupError(`cannot lock ${file}: flock ended with code ${code}`)))
    context.signal.addEventListener('abort', () => {
      holder.kill()
      reject(context.signal.reason)
    })
  })
}

/** @param {Place} place @param {string} name */
const stampFile = (place, name) => path.join(home(place), name, 'ready.json')

/** A word for the shell, whatever is in it. @param {string} text */
export const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`

/** @param {string} text */
const lastLines = (text) => text.trim().split('\n').slice(-12).join('\n')
