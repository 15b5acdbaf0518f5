import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { freePort, LocalPartError, startProcess, untilReady } from './child.ts'

/** Microsoft's own test client for Teams bots, running on this machine. */
export interface Playground extends AsyncDisposable {
  /** Its page, without a slash at the end. */
  readonly url: string
  readonly places: PlaygroundPlaces
}

/** Whom and what its page shows. */
export interface PlaygroundPlaces {
  readonly tenantId: string
  readonly botId: string
  readonly botName: string
  readonly personalChat: string
  readonly groupChat: string
  /** The team, and its first channel, General. */
  readonly team: string
  readonly channel: string
}

export interface PlaygroundOptions {
  /** Where the bot takes deliveries, such as `http://127.0.0.1:3978/api/messages`. It may start later. */
  readonly botUrl: string
  /** Where its log and its list of people go; made when missing. */
  readonly dir: string
  /** Gives up waiting for the start. */
  readonly signal?: AbortSignal
}

const title = "Microsoft's playground for Teams"
const loopbackOnly = join(import.meta.dirname, 'loopback.ts')
/** The first is the person at the page. The playground wants five more. */
const people = ['Ada Lovelace', 'Grace Hopper', 'Alan Turing', 'Edsger Dijkstra', 'Barbara Liskov', 'Tony Hoare']

/**
 * Made up, but of the shape that Teams has. Its page begins empty with each start, so the conversations are new ones, too:
 * what a bot remembers of earlier ones has no say.
 */
function newPlaces(): PlaygroundPlaces {
  const id = randomUUID()
  return {
    tenantId: 'a0f1c2d3-0000-4000-8000-000000000001',
    botId: '28:a0f1c2d3-0000-4000-8000-000000000011',
    botName: 'Deckhand',
    personalChat: `a:${id}`,
    groupChat: `19:${id}@thread.v2`,
    team: `19:${id}@thread.tacv2`,
    channel: `19:${id}@thread.tacv2`,
  }
}

/**
 * Starts the playground (`@microsoft/m365agentsplayground`) on a free loopback port. Its license allows trying a bot out:
 * it comes with the development packages only. It tells nobody that it runs, opens no browser, and ends with disposing,
 * and with this process.
 *
 * @throws LocalPartError `missing` where the development packages are not installed
 */
export async function startPlayground(options: PlaygroundOptions): Promise<Playground> {
  const cli = findCli()
  const places = newPlaces()
  await mkdir(options.dir, { recursive: true })
  const configFile = join(options.dir, 'people.yml')
  await writeFile(configFile, JSON.stringify(config(places)))
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const flags = {
      'app-endpoint': options.botUrl,
      'channel-id': 'msteams',
      port: String(port),
      'service-url': `${url}/_connector`,
    }
    const server = await startProcess({
      title,
      command: process.execPath,
      args: ['--import', loopbackOnly, cli, 'start', '--disable-telemetry', ...asArguments(flags)],
      env: {
        ...process.env,
        TEAMSAPPTESTER_BROWSER: 'none',
        M365_AGENTS_PLAYGROUND_LOGFILE: join(options.dir, 'playground.log'),
        M365_AGENTS_PLAYGROUND_CONFIG_PATH: configFile,
      },
    })
    const opened = await untilReady(title, server, (signal) => answers(server.output(), signal), {
      timeoutMs: 60_000, // a second, and many times that on a busy machine
      signal: options.signal,
    })
    if (opened === url) return { url, places, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
    // Somebody took the port, and it chose another one: then what it tells the bot about itself is wrong.
    await server[Symbol.asyncDispose]()
    if (attempt === 5) {
      throw new LocalPartError('exited', `${title} finds its port taken again and again, the last was ${port}`, {
        userMessage: `${title} could not be started on this machine.`,
      })
    }
  }
}

function asArguments(flags: Readonly<Record<string, string>>): string[] {
  return Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])
}

function findCli(): string {
  try {
    return createRequire(import.meta.url).resolve('@microsoft/m365agentsplayground/cli.js')
  } catch (cause) {
    throw new LocalPartError(
      'missing',
      'Cannot start the playground: @microsoft/m365agentsplayground is not installed',
      {
        userMessage: `${title} is not installed. It comes with npm install, unless development packages are left out.`,
        cause,
      },
    )
  }
}

/** Its address once it answers; undefined before that. */
async function answers(output: string, signal: AbortSignal): Promise<string | undefined> {
  const port = /Listening on (\d+)/.exec(output)?.[1]
  if (port === undefined) return undefined
  const url = `http://127.0.0.1:${port}`
  const response = await fetch(`${url}/_debug/ping`, { signal })
  return (await response.text()) === 'pong' ? url : undefined
}

/** As the playground's configuration file has it; JSON is YAML. */
function config(places: PlaygroundPlaces): unknown {
  const [currentUser, ...users] = people.map((name, index) => {
    const [givenName = '', surname = ''] = name.split(' ')
    const email = `${givenName.toLowerCase()}@example.com`
    const aadObjectId = `a0f1c2d3-0000-4000-8000-00000000002${index}`
    return { id: `29:user-${index}`, name, userPrincipleName: email, aadObjectId, givenName, surname, email }
  })
  return {
    version: '0.1.1',
    tenantId: places.tenantId,
    bot: { id: places.botId, name: places.botName },
    currentUser,
    users,
    personalChat: { id: places.personalChat },
    groupChat: { id: places.groupChat, name: 'Quarter review' },
    team: {
      id: places.team,
      name: 'Sales',
      aadGroupId: 'a0f1c2d3-0000-4000-8000-000000000031',
      channels: [{ id: '19:forecasts@thread.tacv2', name: 'Forecasts' }],
    },
  }
}
