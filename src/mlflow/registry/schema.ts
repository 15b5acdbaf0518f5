import { z } from 'zod'

/** What we read of a registry's answers; everything else in them is tolerated. */

const Tags = z
  .array(z.object({ key: z.string(), value: z.string().default('') }))
  .default([])
  .transform((tags) => Object.fromEntries(tags.map(({ key, value }): [string, string] => [key, value])))

const Milliseconds = z.coerce.number().catch(0)

const VersionRecord = z.object({
  name: z.string(),
  version: z.coerce.string(),
  status: z.string().default(''),
  description: z.string().default(''),
  creation_timestamp: Milliseconds,
  tags: Tags,
  /** A server lists names, Unity Catalog names with the version. */
  aliases: z.array(z.union([z.string(), z.object({ alias: z.string() }).transform(({ alias }) => alias)])).default([]),
})
export type VersionRecord = z.infer<typeof VersionRecord>

export const VersionAnswer = z.object({ model_version: VersionRecord })

export const VersionsAnswer = z.object({
  model_versions: z.array(VersionRecord).default([]),
  next_page_token: z.string().default(''),
})

export const ModelAnswer = z.object({
  registered_model: z.object({
    aliases: z.array(z.object({ alias: z.string(), version: z.coerce.string() })).default([]),
  }),
})

const LoggedModel = z.object({
  info: z.object({ model_id: z.string().min(1), artifact_uri: z.string(), status: z.string(), tags: Tags }),
})
export type LoggedModel = z.infer<typeof LoggedModel>['info']

export const LoggedModelAnswer = z.object({ model: LoggedModel })
export const LoggedModelsAnswer = z.object({ models: z.array(LoggedModel).default([]) })

export const DownloadAnswer = z.object({ artifact_uri: z.string() })

export const Anything = z.unknown()
