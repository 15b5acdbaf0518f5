import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { Experiment } from '../backend.ts'
import { writeWhole } from './write-file.ts'

/** What outlives a restart about one MLflow server or workspace: kept in its spool folder as `server.json`. */
export interface Remembered {
  /** An experiment as this server last told it. */
  experiment(name: string): Experiment | undefined
  rememberExperiment(name: string, experiment: Experiment): Promise<void>
}

const fileName = 'server.json'

const ServerFile = z.object({
  /** For people who look into the folder. Without credentials. */
  place: z.string(),
  experiments: z.record(
    z.string(),
    z.object({
      id: z.string(),
      traceTables: z.object({ location: z.string(), spans: z.string() }).optional(),
    }),
  ),
})

/** `place`: the server's address without credentials. An unreadable file counts as an empty one. */
export async function rememberIn(dir: string, place: string): Promise<Remembered> {
  const known = (await readServerFile(dir)) ?? { place, experiments: {} }
  const experiments = new Map(Object.entries(known.experiments))

  async function save(): Promise<void> {
    const content = { place, experiments: Object.fromEntries(experiments) }
    await writeWhole(join(dir, fileName), `${JSON.stringify(content, undefined, 2)}\n`)
  }

  await save()
  return {
    experiment: (name) => experiments.get(name),
    async rememberExperiment(name, experiment) {
      if (isDeepStrictEqual(experiments.get(name), experiment)) return
      experiments.set(name, experiment)
      await save()
    },
  }
}

/** Other servers' folders that still hold unsent traces: they wait until the settings name that server again. */
export async function listOtherPlaces(
  spoolDir: string,
  ownDir: string,
): Promise<readonly { readonly place: string; readonly waiting: number }[]> {
  const found: { place: string; waiting: number }[] = []
  for (const entry of await readdir(spoolDir, { withFileTypes: true })) {
    const dir = join(spoolDir, entry.name)
    if (!entry.isDirectory() || dir === ownDir) continue
    const server = await readServerFile(dir)
    if (server === undefined) continue
    const waiting = (await readdir(dir)).filter((name) => /^\d{15}-\d+-tr-/.test(name)).length
    if (waiting > 0) found.push({ place: server.place, waiting })
  }
  return found
}

async function readServerFile(dir: string): Promise<z.infer<typeof ServerFile> | undefined> {
  try {
    return ServerFile.parse(JSON.parse(await readFile(join(dir, fileName), 'utf8')))
  } catch {
    return undefined
  }
}
