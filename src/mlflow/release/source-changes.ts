import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { z } from 'zod'
import { isAbort } from '../../lib/errors.ts'

export const SourceChange = z.object({
  /** Newest first, as `id subject`; at most {@link mostCommits}. */
  commits: z.array(z.string()),
  commitCount: z.number(),
  /** What happened to configuration and prompts, as a unified diff; '' when nothing did. */
  configDiff: z.string(),
  /** Why nothing can be said; '' when it can. */
  unknownBecause: z.string(),
})
export type SourceChange = z.infer<typeof SourceChange>

/** What lies between the sources of two versions. Never rejects but with the signal's reason. */
export type FindSourceChange = (from: string, to: string, signal: AbortSignal) => Promise<SourceChange>

const mostCommits = 20
const longestDiff = 6000
const run = promisify(execFile)

/** Asks the git checkout in `root`. Ids may have `+changes` behind them: see SourceCommit. */
export function createSourceChanges(root: string): FindSourceChange {
  return async (from, to, signal) => {
    const git = async (...args: readonly string[]): Promise<string> =>
      (await run('git', ['-C', root, ...args], { maxBuffer: 16 * 2 ** 20, signal })).stdout.trimEnd()
    const [a, b] = [commitOf(from), commitOf(to)]
    if (a === undefined || b === undefined) return unknown('a version does not tell its commit')
    try {
      const range = `${a}..${b}`
      const [subjects, count, diff] = await Promise.all([
        git('log', `--max-count=${mostCommits}`, '--format=%h %s', range),
        git('rev-list', '--count', range),
        git('diff', '--no-color', '--unified=1', range, '--', 'config'),
      ])
      return {
        commits: subjects === '' ? [] : subjects.split('\n'),
        commitCount: Number(count),
        configDiff: diff.length > longestDiff ? `${diff.slice(0, longestDiff)}\n… and more` : diff,
        unknownBecause: [from, to].some((id) => id.endsWith('+changes'))
          ? 'a version holds changes that were not committed'
          : '',
      }
    } catch (error) {
      signal.throwIfAborted()
      if (isAbort(error)) throw error
      return unknown('the commits are not in this checkout')
    }
  }
}

/** Where there is no checkout, as in an image. */
export const noSourceChanges: FindSourceChange = async () => unknown('there is no checkout here')

function unknown(why: string): SourceChange {
  return { commits: [], commitCount: 0, configDiff: '', unknownBecause: why }
}

/** Only what git takes for an id: a tag's text is nothing to put on a command line. */
function commitOf(id: string): string | undefined {
  return /^[0-9a-f]{7,64}/.exec(id)?.[0]
}
