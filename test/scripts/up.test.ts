import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const scripts = path.resolve(import.meta.dirname, '../../scripts')
const usage = 'usage: sh scripts/up [--parts redis,chromium,mlflow] ENTRY [ARGUMENT …]\n'

/** A folder for PATH with nothing but a Node in it. */
let onlyNode = ''
/** A repository that needs no npm packages, so that only what is asked for takes time. */
let root = ''
const elsewhere = tmpdir()

beforeEach(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), 'deckhand-up-')))
  await cp(scripts, path.join(root, 'scripts'), { recursive: true })
  await writeLock({ '': {} })
  await mkdir(path.join(root, 'src'))
  onlyNode = path.join(root, 'bin')
  await mkdir(onlyNode)
  await symlink(process.execPath, path.join(onlyNode, 'node'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

describe('up', () => {
  it('runs a program of the repository with the caller’s arguments, folder and streams', async () => {
    await program(`
      const { argv, env } = process
      console.log(JSON.stringify({ argv: argv.slice(2), cwd: process.cwd(), node: env.NODE === process.execPath }))
      process.exitCode = 7`)

    const result = await up(['src/program.mjs', '--flag', 'two words'])

    expect(JSON.parse(result.stdout)).toEqual({
      argv: ['--flag', 'two words'],
      cwd: await realpath(elsewhere),
      node: true,
    })
    expect(result).toMatchObject({ code: 7, stderr: '' })
  })

  it('gives the program its own Node under the name node', async () => {
    await program(`
      import { execFileSync } from 'node:child_process'
      console.log(execFileSync('node', ['-p', 'process.execPath'], { encoding: 'utf8' }).trim() === process.execPath)`)

    const result = await up(['src/program.mjs'], { PATH: `${onlyNode}:/usr/bin:/bin` })

    expect(result.stdout).toBe('true\n')
  })

  it('has the process id of the caller’s child, so that signals and the exit code are the program’s own', async () => {
    await program(`
      process.on('SIGTERM', () => { console.log('told'); process.removeAllListeners('SIGTERM').kill(process.pid) })
      setInterval(() => {}, 1000)
      console.log(process.pid)`)
    const child = spawn('/bin/sh', [path.join(root, 'scripts/up'), 'src/program.mjs'])
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (stdout === '') child.kill('SIGTERM')
      stdout += text
    })

    const [code, signal] = (await once(child, 'close')) as [number | null, string | null]

    expect(stdout).toBe(`${child.pid}\ntold\n`)
    expect([code, signal]).toEqual([null, 'SIGTERM'])
  })

  it('keeps arguments and variables that a shell would read', async () => {
    await program(`console.log(JSON.stringify([process.argv.slice(2), process.env.PATH.endsWith(":/it's $HOME")]))`)
    const args = ['a  b', `it's "quoted"`, '$HOME `id` \\', '', '*', '--parts']

    const result = await up(['src/program.mjs', ...args], { PATH: `${onlyNode}:/it's $HOME` })

    expect(JSON.parse(result.stdout)).toEqual([args, true])
  })

  it('uses the servers and the browser that the caller names, and installs none', async () => {
    await program(`
      const names = ['DECKHAND_REDIS_SERVER', 'PUPPETEER_EXECUTABLE_PATH', 'DECKHAND_MLFLOW', 'REDIS_URL']
      console.log(JSON.stringify(names.map((name) => process.env[name] ?? null)))`)
    const given = { REDIS_URL: 'redis://cache', MLFLOW_TRACKING_URI: 'http://runs', PUPPETEER_EXECUTABLE_PATH: '/b' }

    const result = await up(['--parts', 'redis,chromium,mlflow', 'src/program.mjs'], { ...given, PATH: onlyNode })

    expect(result).toMatchObject({ code: 0, stdout: '[null,"/b",null,"redis://cache"]\n', stderr: '' })
  })

  it.each([
    ['redis', 'cannot get Redis: install redis-server or valkey-server, or set REDIS_URL'],
    [
      'mlflow',
      'cannot find Python 3.10 or newer with venv: install python3 and python3-venv, or set MLFLOW_TRACKING_URI',
    ],
  ])('says in one line what to install where %s cannot be had', async (part, sentence) => {
    await program('console.log("must not run")')

    const result = await up(['--parts', part, 'src/program.mjs'], { PATH: onlyNode })

    expect(result).toEqual({ code: 1, stdout: '', stderr: `deckhand: ${sentence}\n` })
  })

  it('says in one line that Node.js is missing', async () => {
    expect(await up(['src/program.mjs'], { PATH: '' })).toEqual({
      code: 1,
      stdout: '',
      stderr: 'deckhand: cannot find Node.js: install Node.js 18 or newer with npm\n',
    })
  })

  it('says in one line that npm is missing', async () => {
    await writeLock({ '': {}, 'node_modules/left-pad': { version: '1.3.0' } })

    const result = await up(['src/program.mjs'], { PATH: onlyNode })

    expect(result).toEqual({
      code: 1,
      stdout: '',
      stderr: 'deckhand: cannot find npm: install npm, it comes with Node.js\n',
    })
  })

  it('leaves no command behind when it is stopped, even one that takes no hint', async () => {
    await writeLock({ '': {}, 'node_modules/left-pad': { version: '1.3.0' } })
    const npm = path.join(onlyNode, 'npm')
    const reported = path.join(root, 'npm.pid')
    await writeFile(npm, `#!/bin/sh\ntrap '' TERM INT HUP\necho $$ >${reported}\nexec sleep 600\n`, { mode: 0o755 })
    const child = spawn('/bin/sh', [path.join(root, 'scripts/up'), 'src/program.mjs'], {
      env: { PATH: `${onlyNode}:/usr/bin:/bin` },
    })
    const pid = Number(await until(() => readFile(reported, 'utf8').catch(() => '')))

    child.kill('SIGTERM')

    await until(async () => !isRunning(pid))
    expect(isRunning(pid)).toBe(false)
  })

  it.each([
    ['no program', [], usage],
    ['an unknown part', ['--parts', 'redis,kafka', 'src/program.mjs'], `unknown part kafka\n${usage}`],
    ['a misspelt option', ['--part', 'redis', 'src/program.mjs'], usage],
  ])('refuses %s as wrong usage', async (_, args, message) => {
    expect(await up(args)).toEqual({ code: 2, stdout: '', stderr: `deckhand: ${message}` })
  })
})

describe('a part', () => {
  const makePart = `
    import { appendFileSync, existsSync } from 'node:fs'
    import { setTimeout as delay } from 'node:timers/promises'
    import { emptyFolder, ensure, readStamp, writeStamp } from './scripts/parts/part.mjs'
    import { createProgress } from './scripts/progress.mjs'
    const part = {
      name: 'tool', title: 'Tool',
      find: (place) => readStamp(place, 'tool', process.argv[2]),
      async install(context) {
        appendFileSync('installs', 'x')
        const folder = await emptyFolder(context, 'tool')
        await delay(300)
        return writeStamp(context, 'tool', process.argv[2], { TOOL: folder })
      },
    }
    const progress = createProgress(process.stderr, {})
    const signal = new AbortController().signal
    console.log(JSON.stringify(await ensure(part, { root: process.cwd(), env: process.env, progress, signal })))`

  beforeEach(() => writeFile(path.join(root, 'ensure.mjs'), makePart))
  const installs = async (): Promise<number> => (await readFile(path.join(root, 'installs'), 'utf8')).length
  const ensureTool = (recipe: string): Promise<Result> => run(process.execPath, ['ensure.mjs', recipe], { cwd: root })

  it('is installed once when two first runs come at the same time', async () => {
    const results = await Promise.all([ensureTool('1'), ensureTool('1'), ensureTool('1')])

    expect(results.map(({ stdout }) => JSON.parse(stdout) as unknown)).toEqual(
      Array.from({ length: 3 }, () => ({ TOOL: path.join(root, '.deckhand/tool') })),
    )
    expect(await installs()).toBe(1)
  })

  it('is found again by a later run', async () => {
    await ensureTool('1')
    await ensureTool('1')

    expect(await installs()).toBe(1)
  })

  it.each([
    ['what would be installed has changed', '2', async () => {}],
    ['its files are gone', '1', () => rm(path.join(root, '.deckhand/tool'), { recursive: true })],
    ['its stamp is cut off', '1', () => writeFile(path.join(root, '.deckhand/tool/ready.json'), '{"recipe": "1", "ro')],
  ])('is installed anew when %s', async (_, recipe, change) => {
    await ensureTool('1')
    await change()
    await ensureTool(recipe)

    expect(await installs()).toBe(2)
  })
})

interface Result {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Asks until there is something to say; the test's own deadline ends it. */
async function until<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (answer) return answer
    await delay(20)
  }
}

function program(source: string): Promise<void> {
  return writeFile(path.join(root, 'src/program.mjs'), source)
}

function writeLock(packages: object): Promise<void> {
  return writeFile(path.join(root, 'package-lock.json'), JSON.stringify({ packages }))
}

/** Runs a program of the repository from another folder, with these variables only. */
function up(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Result> {
  return run('/bin/sh', [path.join(root, 'scripts/up'), ...args], { cwd: elsewhere, env: { PATH: onlyNode, ...env } })
}

function run(
  command: string,
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<Result> {
  return new Promise((resolve) => {
    const child = execFile(command, args, options, (_, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr })
    })
  })
}
