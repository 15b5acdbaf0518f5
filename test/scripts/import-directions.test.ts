import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')

const allowed: readonly (readonly [file: string, specifier: string])[] = [
  ['src/main.ts', './app.ts'],
  ['src/app.ts', './bot/bot.ts'],
  ['src/app.ts', './settings.ts'],
  ['src/bot/bot.ts', '../agent/agent.ts'],
  ['src/bot/bot.ts', '../render/renderer.ts'],
  ['src/bot/slack/app.ts', '../chat-port.ts'],
  ['src/bot/slack/app.ts', '../chat/chat.ts'],
  ['src/agent/agent.ts', '../render/deck.ts'],
  ['src/agent/genie/genie.ts', '../../mlflow/tracing.ts'],
  ['src/mlflow/pyfunc/client.ts', '../agent.ts'],
  ['src/render/html/page.ts', '../deck.ts'],
  ['src/lib/databricks/rest.ts', '../http.ts'],
  ['sandbox/databricks/genie.ts', '../../src/lib/clock.ts'],
  ['sandbox/databricks/table.ts', '../../src/render/table.ts'],
  ['sandbox/demo.ts', '../src/app.ts'],
  ['test/app.test.ts', '../src/app.ts'],
]

const refused: typeof allowed = [
  ['src/main.ts', '../sandbox/stack.ts'],
  ['src/app.ts', '../test/support/parts.ts'],
  ['src/bot/bot.ts', '../app.ts'],
  ['src/bot/slack/app.ts', '../../settings.ts'],
  ['src/bot/slack/app.ts', '../teams/app.ts'],
  ['src/bot/chat/intake.ts', '../slack/app.ts'],
  ['src/bot/chat/intake.ts', '../teams/app.ts'],
  ['src/bot/teams/app.ts', '../slack/app.ts'],
  ['src/agent/agent.ts', '../bot/bot.ts'],
  ['src/agent/genie/genie.ts', '../../settings.ts'],
  ['src/render/renderer.ts', '../mlflow/tracing.ts'],
  ['src/render/html/page.ts', '../../agent/agent.ts'],
  ['src/mlflow/tracing.ts', '../render/deck.ts'],
  ['src/mlflow/tracing.ts', '../agent/agent.ts'],
  ['src/lib/errors.ts', '../render/deck.ts'],
  ['src/lib/databricks/rest.ts', '../../mlflow/client.ts'],
  ['src/lib/databricks/rest.ts', '../../../sandbox/stack.ts'],
  ['sandbox/databricks/genie.ts', '../../src/agent/genie/genie.ts'],
  ['sandbox/local/redis.ts', '../../src/settings.ts'],
]

describe('the linter', () => {
  let dir = ''
  const reports = new Map<string, string[]>()

  beforeAll(() => {
    dir = mkdtempSync(path.join(tmpdir(), 'deckhand-imports-'))
    symlinkSync(path.join(root, 'node_modules'), path.join(dir, 'node_modules'))
    cpSync(path.join(root, 'oxlint.config.ts'), path.join(dir, 'oxlint.config.ts'))
    for (const [index, [file, specifier]] of [...allowed, ...refused].entries()) {
      const place = path.join(dir, numbered(file, index))
      mkdirSync(path.dirname(place), { recursive: true })
      writeFileSync(place, `import { x } from '${specifier}'\nx()\n`)
    }
    const args = [path.join(root, 'node_modules/oxlint/bin/oxlint'), '--format=json', '--no-ignore', '.']
    const { diagnostics } = JSON.parse(runOxlint(args, dir)) as {
      diagnostics: { code: string; filename: string }[]
    }
    for (const { code, filename } of diagnostics) reports.set(filename, [...(reports.get(filename) ?? []), code])
  })
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  it.each(allowed.map((pair, index) => [...pair, index] as const))('lets %s import %s', (file, _, index) => {
    expect(reports.get(numbered(file, index)) ?? []).not.toContain('eslint(no-restricted-imports)')
  })

  it.each(refused.map((pair, index) => [...pair, allowed.length + index] as const))(
    'refuses that %s imports %s',
    (file, _, index) => {
      expect(reports.get(numbered(file, index)) ?? []).toContain('eslint(no-restricted-imports)')
    },
  )
})

/** Each pair gets a file of its own, in the same folder, except where the name itself has a role. */
function numbered(file: string, index: number): string {
  return file === 'sandbox/demo.ts' ? file : file.replace(/(\.test)?\.ts$/, `-${index}$&`)
}

/** The linter ends with 1 when it has found something, which is what we want from it. */
function runOxlint(args: readonly string[], cwd: string): string {
  try {
    return execFileSync(process.execPath, args, { cwd, encoding: 'utf8' })
  } catch (error) {
    if (error instanceof Error && 'stdout' in error && error.stdout !== '') return String(error.stdout)
    throw error
  }
}
