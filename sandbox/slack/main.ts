import { parseArgs } from 'node:util'
import { createSlackWorkspace } from './workspace.ts'

/** Runs the stand-in for people: prints what points the app here, until Ctrl-C. */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    /** Where the app listens, such as http://127.0.0.1:3000/slack/events. */
    events: { type: 'string', default: 'http://127.0.0.1:3000/slack/events' },
    socket: { type: 'boolean', default: false },
  },
})

const port = Number(values.port)
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  process.stderr.write(`--port is "${values.port}", expected a port\n`)
  process.exit(2)
}
await using workspace = await createSlackWorkspace({ port, mode: values.socket ? 'socket' : 'http' })
workspace.connect(values.events)
process.stdout.write(
  [...Object.entries(workspace.env).map(([name, value]) => `${name}=${value}`), `Open ${workspace.url}`, ''].join('\n'),
)
const { promise: stopped, resolve: stop } = Promise.withResolvers<void>()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop())
await stopped
