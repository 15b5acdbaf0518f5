/**
 * `npm run lock`: brings package-lock.json up to package.json, in a form that every machine can install from.
 *
 * Two habits of npm make a lock file that only its author can use:
 * - It picks versions that suit the Node it runs on, so it has to run under the Node the program runs on.
 * - It leaves out a package's builds for other platforms when the registry does not have them, and then `npm ci`
 *   refuses the lock file everywhere because they are missing. They are written in here; a machine asks for
 *   them only when it is of that platform.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { findNode } from './parts/npm.mjs'

/**
 * @typedef {object} LockEntry
 * @property {string} [version]
 * @property {string} [resolved]
 * @property {boolean} [optional]
 * @property {boolean} [dev]
 * @property {boolean} [devOptional]
 * @property {readonly string[]} [os]
 * @property {readonly string[]} [cpu]
 * @property {readonly string[]} [libc]
 * @property {Readonly<Record<string, string>>} [optionalDependencies]
 */

/** @typedef {Record<string, LockEntry>} LockPackages by place, such as `node_modules/a/node_modules/b` */

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']

/**
 * The packages with the missing builds for other platforms added, in npm's order.
 *
 * @param {LockPackages} packages
 * @returns {LockPackages}
 * @throws {Error} when a missing optional package does not name its platform, or not one version
 */
export function completePackages(packages) {
  const complete = { ...packages }
  for (const [parent, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (isReachable(packages, parent, name)) continue
      const platform = platformOf(name)
      if (!platform || !/^\d+\.\d+\.\d+/.test(version)) {
        throw new Error(
          `${parent} wants ${name}@${version}, which the registry does not have and which is for no platform`,
        )
      }
      const { os, cpu, libc } = platform
      const dev = entry.dev || entry.devOptional
      // In npm's order of keys and entries, so that npm has nothing to rearrange later.
      const place = `node_modules/${name}`
      complete[place] = { version, cpu, ...(dev && { dev }), ...(libc && { libc }), optional: true, os }
    }
  }
  return Object.fromEntries(Object.entries(complete).toSorted(([a], [b]) => a.localeCompare(b, 'en')))
}

/**
 * What makes a lock file unfit for other machines; empty when it is fit.
 *
 * @param {LockPackages} packages
 * @returns {string[]}
 */
export function problemsOf(packages) {
  const missing = Object.keys(completePackages(packages)).filter((place) => !(place in packages))
  const bound = Object.entries(packages).filter(([, { resolved }]) => resolved?.includes('://'))
  return [
    ...missing.map((place) => `${place} is missing`),
    ...bound.map(([place]) => `${place} names the registry it came from`),
  ]
}

/** True when `require(name)` from a place would find it. @param {LockPackages} packages @param {string} place @param {string} name */
function isReachable(packages, place, name) {
  for (let from = place; ; from = from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/')))) {
    if (`${from}${from === '' ? '' : '/'}node_modules/${name}` in packages) return true
    if (from === '') return false
  }
}

/** @param {string} name */
function platformOf(name) {
  const words = name.split(/[/-]/)
  const system = systems.find((word) => words.includes(word))
  const processor = processors.find((word) => words.includes(word))
  if (!system || !processor) return undefined
  const libc = words.includes('musl') ? ['musl'] : words.includes('gnu') ? ['glibc'] : undefined
  return { os: [system], cpu: [processor], libc }
}

if (import.meta.filename === process.argv[1]) {
  const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
  const file = path.join(root, 'package-lock.json')
  const env = { ...process.env, PATH: `${path.dirname(findNode(root))}${path.delimiter}${process.env['PATH']}` }
  execFileSync('npm', ['install', '--package-lock-only', '--ignore-scripts'], { cwd: root, env, stdio: 'inherit' })
  const lock = JSON.parse(readFileSync(file, 'utf8'))
  lock.packages = completePackages(lock.packages)
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
  const problems = problemsOf(lock.packages)
  if (problems.length > 0) throw new Error(`package-lock.json is not fit for other machines: ${problems.join(', ')}`)
}
