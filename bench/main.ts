import { spawn } from 'node:child_process'
import { join } from 'node:path'

/** `npm run bench [NAME …] [-- --flags]`: the named benches one after the other, or all. Fails when one is over a budget. */

const benches = ['turn', 'render', 'scale', 'ack', 'tracing', 'release'] as const

const words = process.argv.slice(2)
const flags = words.filter((word) => word.startsWith('-'))
const names = words.filter((word) => !word.startsWith('-'))
const unknown = names.filter((name) => !benches.some((bench) => bench === name))
if (unknown.length > 0) {
  process.stderr.write(`deckhand: no bench "${unknown.join('", "')}", expected one of ${benches.join(', ')}\n`)
  process.exit(2)
}
for (const name of names.length > 0 ? names : benches) {
  process.stdout.write(`\n${name}: `)
  // A process of its own for each: one's warm caches and heap are not the other's.
  if ((await run(join(import.meta.dirname, `${name}.ts`), flags)) !== 0) process.exitCode = 1
}

function run(file: string, args: readonly string[]): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const child = spawn(process.execPath, [file, ...args], { stdio: 'inherit' })
  child.on('error', reject)
  child.on('exit', (code) => resolve(code ?? 1))
  return promise
}
