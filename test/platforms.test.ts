import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

/** Loads a module in a process of its own. → how many modules of the libraries for Teams came with it */
async function teamsModulesWith(module: string): Promise<number> {
  const url = new URL(`../src/${module}`, import.meta.url).href
  const script = `
    import { registerHooks } from 'node:module'
    let count = 0
    const isTeams = /node_modules\\/(@azure|botbuilder|botframework|@microsoft\\/teams-ai)/
    registerHooks({ load: (url, context, next) => (isTeams.test(url) && (count += 1), next(url, context)) })
    await import(${JSON.stringify(url)})
    process.stdout.write(String(count))
    process.exit()`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script])
  return Number(stdout)
}

describe('The libraries for Teams', () => {
  it('are not loaded with the service, nor with a question at the shell: who does without Teams does not wait for them', async () => {
    expect(await teamsModulesWith('service.ts')).toBe(0)
    expect(await teamsModulesWith('bot/shell/ask.ts')).toBe(0)
  })

  it('are loaded with the platform', async () => {
    expect(await teamsModulesWith('bot/teams/teams-platform.ts')).toBeGreaterThan(100)
  })
})
