/** The machine's own Python, which makes the environment of everything that comes from the Python registry. */
import { onPath, run, SetupError } from './part.mjs'

const candidates = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10']
const probe = 'import sys, venv, ensurepip; sys.exit(0 if sys.version_info >= (3, 10) else 1)'

/**
 * A Python of version 3.10 or newer that can make virtual environments.
 *
 * @param {import('./part.mjs').Context} context
 * @returns {Promise<string>} its path
 * @throws {SetupError}
 */
export async function findPython(context) {
  for (const name of candidates) {
    const python = onPath(name, context.env)
    if (!python) continue
    try {
      await run(context, python, ['-c', probe])
      return python
    } catch (error) {
      if (!(error instanceof SetupError)) throw error
    }
  }
  throw new SetupError(
    'cannot find Python 3.10 or newer with venv: install python3 and python3-venv, or set MLFLOW_TRACKING_URI',
  )
}
