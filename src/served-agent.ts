import { join } from 'node:path'
import { createAgentParts } from './agent-parts.ts'
import { systemClock } from './lib/clock.ts'
import { userMessageOf } from './lib/errors.ts'
import { createHtmlRenderer } from './render/html-renderer.ts'
import { answerRow } from './served-agent/answer-row.ts'
import { serveLines } from './served-agent/serve-lines.ts'
import { loadSettings, type Settings } from './settings.ts'
import { logOf } from './workspace-access.ts'

/**
 * The agent behind a served model: `model.py` starts this program once, bundled into one file, and passes rows as JSON
 * lines on standard input. Standard output has the answers and nothing else; what operators should know goes to standard
 * error. The first line says `{"ready": true}`, or `{"broken": "…"}` when the program cannot answer anything.
 */

const { env, stdin, stdout } = process
const say = (message: object): void => void stdout.write(`${JSON.stringify(message)}\n`)

try {
  await serve(
    loadSettings(env, env['DECKHAND_CONFIG'] ?? join(import.meta.dirname, 'config'), undefined, { needsRedis: false }),
  )
} catch (error) {
  say({ broken: userMessageOf(error) })
  process.exitCode = 1
}

async function serve(settings: Settings): Promise<void> {
  const log = logOf(settings, env)
  const renderer = createHtmlRenderer({ themes: settings.themes })
  // Nobody shares the workspace's Genie budget with an endpoint: Genie itself says when it is asked too often.
  const share = <Same>(genie: Same): Same => genie
  await using parts = await createAgentParts(settings, env, { renderer, share, clock: systemClock, log })
  const { genie, output } = settings
  const deps = {
    agent: parts.agent,
    defaults: { spaceId: genie.defaultSpaceId, spaces: genie.spaces, maxSlides: output.defaultMaxSlides },
    log,
  }
  say({ ready: true })
  await serveLines({ input: stdin, output: stdout }, (row, signal) => answerRow(row, deps, signal))
}
