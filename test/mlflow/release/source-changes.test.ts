import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSourceChanges } from '../../../src/mlflow/release/source-changes.ts'

const run = promisify(execFile)
const { signal } = new AbortController()
let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'deckhand-source-'))
  await git('init', '--quiet')
  await mkdir(join(root, 'config'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function git(...args: readonly string[]): Promise<string> {
  const who = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', '-c', 'commit.gpgsign=false']
  return (await run('git', ['-C', root, ...who, ...args])).stdout.trim()
}

async function commit(subject: string, tone: string): Promise<string> {
  await writeFile(join(root, 'config/prompts.yaml'), `tone: ${tone}\n`)
  await git('add', '.')
  await git('commit', '--quiet', '--allow-empty', '--message', subject)
  return git('rev-parse', 'HEAD')
}

describe('createSourceChanges', () => {
  it('tells the commits between two versions, and what they did to the configuration', async () => {
    const from = await commit('feat: one', 'dry')
    await commit('feat: two', 'dry')
    const to = await commit('feat: three', 'friendly')

    const change = await createSourceChanges(root)(from, to, signal)

    expect(change.commits.map((line) => line.replace(/^\S+ /, ''))).toEqual(['feat: three', 'feat: two'])
    expect(change).toMatchObject({ commitCount: 2, unknownBecause: '' })
    expect(change.configDiff).toContain('-tone: dry\n+tone: friendly')
  })

  it('says when a version was not made of a commit alone', async () => {
    const from = await commit('feat: one', 'dry')

    const change = await createSourceChanges(root)(from, `${from}+changes`, signal)

    expect(change).toMatchObject({ commitCount: 0, unknownBecause: 'a version holds changes that were not committed' })
  })

  it.each([
    ['that is not there', 'f'.repeat(40), 'the commits are not in this checkout'],
    ['that is none', '--output=/tmp/x', 'a version does not tell its commit'],
    ['that nobody knows', '', 'a version does not tell its commit'],
  ])('says that it cannot tell for a commit %s', async (_what, to, unknownBecause) => {
    const from = await commit('feat: one', 'dry')

    expect(await createSourceChanges(root)(from, to, signal)).toMatchObject({ commitCount: 0, unknownBecause })
  })
})
