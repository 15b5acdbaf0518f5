import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

/** What a process of its own writes to standard error. */
function logOf(code: string): unknown[] {
  const program = `
    import { createLogger } from './src/lib/log.ts'
    import { Secret } from './src/lib/secret.ts'
    import { createRedactor } from './src/mlflow/redact.ts'
    ${code}`
  const { stderr } = spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', program], {
    cwd: join(import.meta.dirname, '../..'),
    encoding: 'utf8',
  })
  return stderr
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown)
}

describe('The log', () => {
  it('has one JSON object a line, from its level on', () => {
    const lines = logOf(`
      const log = createLogger({ level: 'warn' })
      log.info({ turn: 1 }, 'Not told')
      log.warn({ turn: 2 }, 'Told')`)

    expect(lines).toMatchObject([{ level: 40, turn: 2, msg: 'Told' }])
  })

  it('hides secrets that others repeat to us, also where JSON writes them in another way', () => {
    const lines = logOf(`
      const secret = 'dapi-"quoted"-secret'
      const log = createLogger({ level: 'info', redact: createRedactor([new Secret(secret)]) })
      log.error({ error: 'Denied for ' + secret }, 'Turn failed with ' + secret)`)

    expect(lines).toMatchObject([{ error: 'Denied for [secret]', msg: 'Turn failed with [secret]' }])
  })
})
