import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Which sources a package is made of. */
export interface SourceCommit {
  /** Git's id, with `+changes` behind it when files differ from it; '' outside of a checkout. */
  readonly id: string
  /** When it was made, in milliseconds since the epoch; 0 outside of a checkout. */
  readonly at: number
}

const run = promisify(execFile)

/**
 * The commit that is checked out in `root`. Images have no git: there `commit` (`DECKHAND_COMMIT`: the id, a space and the
 * commit's time in seconds) says it.
 */
export async function findSourceCommit(root: string, commit = ''): Promise<SourceCommit> {
  const [given = '', seconds = '0'] = commit.trim().split(' ')
  if (given !== '') return { id: given, at: Number(seconds) * 1000 || 0 }
  const git = async (...args: readonly string[]): Promise<string> =>
    (await run('git', ['-C', root, ...args], { maxBuffer: 16 * 2 ** 20 })).stdout.trim()
  try {
    const [id = '', at = '0'] = (await git('log', '-1', '--format=%H %ct')).split(' ')
    const changes = await git('status', '--porcelain', '--', 'src', 'config', 'package-lock.json')
    return { id: changes === '' ? id : `${id}+changes`, at: Number(at) * 1000 }
  } catch {
    return { id: '', at: 0 }
  }
}
