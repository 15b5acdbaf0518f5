import { spawn } from 'node:child_process'
import path from 'node:path'
import { styleText } from 'node:util'

/** `npm run check`: everything that can be said about the code without running it. Reports all of it, then fails. */

const root = path.join(import.meta.dirname, '..')
const packages = path.join(root, 'node_modules')

const checks = [
  { title: 'types', tool: 'typescript/bin/tsc', args: ['--noEmit'] },
  { title: 'types of the sandbox’s page', tool: 'typescript/bin/tsc', args: ['--noEmit', '-p', 'sandbox/slack/page'] },
  { title: 'lint and import directions', tool: 'oxlint/bin/oxlint', args: [] },
  { title: 'format', tool: 'oxfmt/bin/oxfmt', args: ['--check'] },
  { title: 'unused files, exports and packages', tool: 'knip/bin/knip.js', args: ['--no-progress'] },
] as const

const results = await Promise.all(checks.map(async (check) => ({ ...check, ...(await run(check.tool, check.args)) })))
for (const { title, ok, output } of results) {
  console.log(`${ok ? styleText('green', '✓') : styleText('red', '✗')} ${title}`)
  if (!ok) console.log(output.trim().replaceAll(/^/gm, '  '))
}
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1

/** Runs a package's program under this Node. */
function run(tool: string, args: readonly string[]): Promise<{ ok: boolean; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [path.join(packages, tool), ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    child.on('error', (error) => resolve({ ok: false, output: String(error) }))
    child.on('close', (code) => resolve({ ok: code === 0, output }))
  })
}
