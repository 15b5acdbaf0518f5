import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { packageModel, type PackageSources } from '../../../src/mlflow/model-package/package-model.ts'
import { findSourceCommit } from '../../../src/mlflow/model-package/source-commit.ts'
import { rejection } from '../../support/rejection.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../../..')
const sources: PackageSources = {
  root,
  agentEntry: join(root, 'src/served-agent.ts'),
  configFolder: join(root, 'config'),
  version: '1.2.3',
  commit: 'abc123 1700000000',
  secrets: ['planted-secret'],
}
let dir: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'deckhand-package-'))
})

afterAll(() => rm(dir, { recursive: true, force: true }))

async function contentsOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(
    await Promise.all(
      files.map(async (file) => [file.slice(folder.length + 1), (await readFile(file)).toString('latin1')] as const),
    ),
  )
}

/** A configuration of one's own, with one more line. */
async function configWith(name: string, line: string): Promise<string> {
  const folder = join(dir, name)
  await cp(sources.configFolder, folder, { recursive: true })
  await writeFile(join(folder, 'config.yaml'), `${await readFile(join(folder, 'config.yaml'), 'utf8')}\n${line}\n`)
  return folder
}

const MlModel = z.object({
  model_uuid: z.string().regex(/^[0-9a-f]{32}$/),
  utc_time_created: z.string(),
  signature: z.object({ inputs: z.string(), outputs: z.string() }),
})

describe('packaging the agent', () => {
  it('gives the same bytes for the same sources, in whatever folder, and says what they are', async () => {
    const one = await packageModel(sources, join(dir, 'one'))
    const two = await packageModel(sources, join(dir, 'elsewhere', 'two'))

    const [files, again] = [await contentsOf(one.dir), await contentsOf(two.dir)]
    expect(again).toEqual(files)
    expect(two.contentHash).toBe(one.contentHash)
    expect(JSON.parse(files['deckhand.json'] ?? '')).toMatchObject({
      version: '1.2.3',
      commit: 'abc123',
      content_hash: one.contentHash,
    })
    expect(Object.keys(files)).toHaveLength(one.fileCount)
    expect(one.sizeBytes).toBeLessThan(30 * 2 ** 20)
    for (const content of Object.values(files)) expect(content).not.toContain(root)
  })

  it('has a signature with all columns, which MLflow reads as JSON in YAML', async () => {
    const { dir: folder, contentHash } = await packageModel(sources, join(dir, 'signature'))

    const model = MlModel.parse(parse(await readFile(join(folder, 'MLmodel'), 'utf8')))
    const names = (columns: string): string[] =>
      z
        .array(z.object({ name: z.string() }))
        .parse(JSON.parse(columns))
        .map(({ name }) => name)
    expect(names(model.signature.inputs)).toEqual([
      'question',
      'max_slides',
      'genie_space_id',
      'genie_conversation_id',
      'deck',
    ])
    expect(names(model.signature.outputs)).toEqual(
      expect.arrayContaining(['html', 'slide_count', 'trace_url', 'error', 'genie_conversation_id', 'deck']),
    )
    expect(contentHash.startsWith(model.model_uuid)).toBe(true)
    expect(model.utc_time_created).toBe('2023-11-14 22:13:20.000000')
  })

  it('is another model with another configuration', async () => {
    const configFolder = await configWith('other-config', '# another line')

    const [one, two] = [
      await packageModel(sources, join(dir, 'as-it-is')),
      await packageModel({ ...sources, configFolder }, join(dir, 'as-it-was-changed')),
    ]

    expect(two.contentHash).not.toBe(one.contentHash)
  })

  it('takes the place of an earlier package, whole', async () => {
    const { dir: folder } = await packageModel(sources, join(dir, 'again'))
    await writeFile(join(folder, 'left-over.txt'), 'from before')

    await packageModel(sources, folder)

    expect(Object.keys(await contentsOf(folder))).not.toContain('left-over.txt')
    expect(await readdir(dir)).not.toContainEqual(expect.stringMatching(/\.tmp$/))
  })

  it('leaves alone a folder that holds something else', async () => {
    const folder = join(dir, 'taken')
    await mkdir(folder)
    await writeFile(join(folder, 'thesis.txt'), 'years of work')

    const error = await rejection(packageModel(sources, folder))

    expect(error).toMatchObject({ code: 'bad-folder', userMessage: expect.stringContaining('holds something else') })
    expect(await contentsOf(folder)).toEqual({ 'thesis.txt': 'years of work' })
  })

  it('refuses a configuration that holds a secret, without repeating it', async () => {
    const configFolder = await configWith('leaky', '# token: planted-secret')

    const error = await rejection(packageModel({ ...sources, configFolder }, join(dir, 'leak')))

    expect(error).toMatchObject({ code: 'secret', userMessage: expect.stringContaining('config.yaml') })
    expect(String(error)).not.toContain('planted-secret')
    expect(await readdir(dir)).not.toContain('leak')
  })

  it('names the commit that is checked out, and that files differ from it; nothing outside of a checkout', async () => {
    const checkout = join(dir, 'checkout')
    await mkdir(join(checkout, 'src'), { recursive: true })
    const outside = await findSourceCommit(checkout)
    const git = (...args: readonly string[]) => run('git', ['-C', checkout, ...args])
    await writeFile(join(checkout, 'src/a.ts'), 'one')
    await git('init', '-q')
    await git('add', '.')
    await git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '-qm', 'one')

    const clean = await findSourceCommit(checkout)
    await writeFile(join(checkout, 'src/a.ts'), 'two')
    const changed = await findSourceCommit(checkout)

    expect(outside).toEqual({ id: '', at: 0 })
    expect(clean.id).toMatch(/^[0-9a-f]{40}$/)
    expect(clean.at).toBeGreaterThan(0)
    expect(changed).toEqual({ id: `${clean.id}+changes`, at: clean.at })
  })
})
