/**
 * The npm packages of package-lock.json, and among them Node 24 for machines with an older one.
 *
 * npm notes what it has installed in `node_modules/.package-lock.json`. Comparing that with the lock file is the whole
 * check, so an `npm install` done by hand counts and an interrupted one does not.
 */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { onPath, run, SetupError } from './part.mjs'

/** @type {import('./part.mjs').Part} */
export const npm = {
  name: 'npm',
  title: 'npm packages',
  find: (place) => (isInstalled(place.root) ? {} : undefined),
  async install(context) {
    // Nothing we use needs an install script; puppeteer's would fetch a browser. Development packages are always
    // wanted, whatever NODE_ENV or the user's settings say: the sandbox runs on them.
    const options = [
      '--ignore-scripts',
      '--include=dev',
      '--include=optional',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ]
    const what = 'npm ci'
    const own = context.env['npm_execpath']
    if (own && path.basename(own) === 'npm-cli.js' && existsSync(own)) {
      await run(context, process.execPath, [own, 'ci', ...options], { what })
    } else {
      if (!onPath('npm', context.env)) throw new SetupError('cannot find npm: install npm, it comes with Node.js')
      await run(context, 'npm', ['ci', ...options], { what })
    }
    if (!isInstalled(context.root)) throw new SetupError('npm ci left out packages that package-lock.json names')
    return {}
  },
}

/**
 * The Node that runs the program: the one from npm, or this one when it is new enough.
 *
 * @param {string} root
 * @returns {string}
 * @throws {SetupError}
 */
export function findNode(root) {
  const own = path.join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
  if (existsSync(own)) return own
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  throw new SetupError(
    `this is Node.js ${process.version} and npm has no Node.js 24 for ${process.platform}-${process.arch}: install Node.js 24 or newer`,
  )
}

/** @param {string} root */
function isInstalled(root) {
  const wanted = readPackages(path.join(root, 'package-lock.json'))
  const installed = readPackages(path.join(root, 'node_modules', '.package-lock.json'))
  return Object.entries(wanted).every(([place, entry]) => {
    const there = installed[place]
    if (place === '') return true
    return there ? there.version === entry.version : entry.optional === true || entry.devOptional === true
  })
}

/**
 * @param {string} file
 * @returns {Record<string, {version: string, optional?: boolean, devOptional?: boolean}>}
 */
function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return {}
  }
}
