import { z } from 'zod'
import { Secret } from '../../lib/secret.ts'

/** What we read of a workspace's answers beyond MLflow's own calls; everything else in them is tolerated. */

export const Me = z.object({ userName: z.string().min(1) })

/** A place to upload one file to. Whoever knows `uri` may write there, so it is a secret. */
export const Credential = z
  .object({
    type: z.string(),
    signed_uri: z.string().min(1),
    path: z.string().default(''),
    headers: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
  })
  .transform(({ type, signed_uri, path, headers }) => ({
    type,
    uri: new Secret(signed_uri),
    path,
    headers: Object.fromEntries(headers.map(({ name, value }): [string, string] => [name, value])),
  }))
export type Credential = z.infer<typeof Credential>

export const TraceCredentialAnswer = z.object({ credential_info: Credential })

export const RunCredentialsAnswer = z.object({
  credential_infos: z.array(Credential).default([]),
  next_page_token: z.string().default(''),
})

export const Anything = z.unknown()
