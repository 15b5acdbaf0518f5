import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const script = path.resolve(import.meta.dirname, '../../scripts/ci-summary.mjs')
let dir = ''

beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'deckhand-ci-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

describe('the last line of a CI run', () => {
  it.each([
    ['all is well', [12, 0, 0], [0, 0], '12 passed, 0 failed', 0],
    ['tests were skipped', [12, 0, 2], [0, 0], '12 passed, 0 failed', 0],
    ['tests failed', [10, 2, 0], [0, 1], '10 passed, 2 failed', 1],
    ['the check failed', [12, 0, 0], [1, 0], '12 passed, 1 failed', 1],
    ['a test file could not be loaded', [12, 0, 0], [0, 1], '12 passed, 1 failed', 1],
    ['no test ran', [0, 0, 0], [0, 0], '0 passed, 1 failed', 1],
    ['vitest never started', undefined, [0, 1], '0 passed, 1 failed', 1],
    ['nothing could be set up', undefined, [1, 1], '0 passed, 2 failed', 1],
  ] as const)('is right when %s', (name, counts, codes, line, exitCode) => {
    const report = path.join(dir, `${name}.json`)
    if (counts) {
      const [numPassedTests, numFailedTests, numPendingTests] = counts
      writeFileSync(report, JSON.stringify({ numPassedTests, numFailedTests, numPendingTests, numTodoTests: 0 }))
    }

    const result = spawnSync(process.execPath, [script, report, ...codes.map(String)], { encoding: 'utf8' })

    expect(result.stdout.trimEnd().split('\n').at(-1)).toBe(line)
    expect(result.status).toBe(exitCode)
  })
})
