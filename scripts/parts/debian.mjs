/**
 * Debian packages without root: downloaded with apt into a private folder and unpacked there. Nothing is configured,
 * no service starts, the system's package database is only read. Root takes the same way as everyone else.
 */
import { existsSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { onPath, run, SetupError } from './part.mjs'

/** Must come from the running system: a second C library or base tool beside the first one breaks programs. */
const never = /^(libc6|libc-bin|dpkg|perl-base|coreutils|bash|dash|debconf|gcc-\d+-base|init-system-helpers)_/

/**
 * Downloads packages, with the dependencies this machine lacks, and unpacks them.
 *
 * @param {import('./part.mjs').Context} context
 * @param {{packages: readonly string[], folder: string, orElse: string}} options `orElse` tells what a person can do
 *   where this way is closed
 * @returns {Promise<{tree: string, libraries: string[]}>} the unpacked tree and its folders of shared libraries
 * @throws {SetupError}
 */
export async function unpackDebian(context, { packages, folder, orElse }) {
  for (const tool of ['apt-get', 'dpkg-deb']) {
    if (!onPath(tool, context.env)) throw new SetupError(orElse)
  }
  const apt = path.join(folder, 'apt')
  const archives = path.join(apt, 'cache', 'archives')
  const tree = path.join(folder, 'tree')
  await mkdir(path.join(apt, 'state', 'lists', 'partial'), { recursive: true })
  await mkdir(path.join(archives, 'partial'), { recursive: true })
  await mkdir(tree)
  const options = Object.entries({
    'Dir::State': path.join(apt, 'state'),
    'Dir::State::status': '/var/lib/dpkg/status',
    'Dir::Cache': path.join(apt, 'cache'),
    'Debug::NoLocking': '1',
    'APT::Keep-Downloaded-Packages': '1',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
    'Acquire::http::Timeout': '30',
    'Acquire::https::Timeout': '30',
    // Root would hand the download to a user who cannot write here; other users do it themselves anyway.
    ...(process.getuid?.() === 0 ? { 'APT::Sandbox::User': 'root' } : {}),
  }).flatMap(([key, value]) => ['-o', `${key}=${value}`])
  const env = { ...context.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' }

  // One unreachable third-party source makes the update fail; whether ours answered shows in the download.
  await run(context, 'apt-get', [...options, '-q', 'update'], { env, tolerate: true })
  try {
    const install = ['-q', '-y', '--download-only', '--no-install-recommends', 'install']
    await run(context, 'apt-get', [...options, ...install, ...packages], { env, what: 'the download with apt-get' })
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    throw new SetupError(`${orElse} (${error.message})`, error.detail)
  }
  for (const file of await readdir(archives)) {
    if (!file.endsWith('.deb') || never.test(file)) continue
    await run(context, 'dpkg-deb', ['-x', path.join(archives, file), tree], { what: `unpacking ${file}` })
  }
  await rm(apt, { recursive: true })

  const triplet = `${os.arch() === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`
  const libraries = ['usr/lib', 'lib']
    .flatMap((base) => [`${base}/${triplet}`, `${base}/${triplet}/pulseaudio`])
    .map((folderName) => path.join(tree, folderName))
    .filter((folderName) => existsSync(folderName))
  return { tree, libraries }
}

/**
 * Proves that a program finds all its shared libraries, so that a missing one is named here and not in a crash later.
 *
 * @param {import('./part.mjs').Context} context
 * @param {string} program
 * @param {readonly string[]} libraries
 * @param {string} orElse
 */
export async function checkLibraries(context, program, libraries, orElse) {
  const env = { ...context.env, LC_ALL: 'C', LD_LIBRARY_PATH: libraries.join(':') }
  const lines = (await run(context, 'ldd', [program], { env, tolerate: true })).split('\n')
  if (!existsSync(program)) throw new SetupError(`${orElse} (the package came without ${path.basename(program)})`)
  const missing = lines.filter((line) => line.includes('not found')).map((line) => line.trim().split(' ')[0])
  if (missing.length > 0) throw new SetupError(`${orElse} (missing here: ${[...new Set(missing)].join(', ')})`)
}
