import type { Artifact, RunStore } from '../backend.ts'
import type { MlflowClient } from '../client.ts'
import { MlflowError } from '../mlflow-error.ts'
import type { Transport } from '../transport.ts'
import { RunCredentialsAnswer, type Credential } from './schema.ts'
import type { SignedUpload } from './signed-upload.ts'

/**
 * Files of a run, each in one request: those of a workspace's own storage to an address that it signs for, those of an
 * experiment on a Unity Catalog volume through the Files API. Other storage takes keys of its cloud, which we have none of.
 */
export function createArtifactStore(deps: {
  readonly transport: Transport
  readonly client: MlflowClient
  readonly upload: SignedUpload
}): RunStore['putArtifacts'] {
  const { transport, client, upload } = deps

  async function sign(runId: string, paths: readonly string[], signal: AbortSignal): Promise<Map<string, Credential>> {
    const signed = new Map<string, Credential>()
    let pageToken = ''
    do {
      const body = { run_id: runId, path: paths, ...(pageToken === '' ? {} : { page_token: pageToken }) }
      const answer = await client.call(
        { method: 'POST', path: '/api/2.0/mlflow/artifacts/credentials-for-write', body, schema: RunCredentialsAnswer },
        signal,
      )
      for (const credential of answer.credential_infos) signed.set(credential.path, credential)
      pageToken = answer.credential_infos.length === 0 ? '' : answer.next_page_token
    } while (pageToken !== '')
    return signed
  }

  async function putSigned(runId: string, artifacts: readonly Artifact[], signal: AbortSignal): Promise<void> {
    const signed = await sign(
      runId,
      artifacts.map((artifact) => artifact.path),
      signal,
    )
    for (const artifact of artifacts) {
      const { path } = artifact
      const credential = async (): Promise<Credential> => {
        const found = signed.get(path) ?? (await sign(runId, [path], signal)).get(path)
        // An address is used once: the second question for it means that the first has expired.
        signed.delete(path)
        if (found) return found
        throw new MlflowError('not-mlflow', `The workspace signed for no upload of "${path}", although it was asked to`)
      }
      await upload.put(credential, await artifact.read(), signal)
    }
  }

  async function putOnVolume(volume: string, artifacts: readonly Artifact[], signal: AbortSignal): Promise<void> {
    for (const artifact of artifacts) {
      const target = `${volume}/${artifact.path}`.split('/').map(encodeURIComponent).join('/')
      const headers = { 'content-type': artifact.contentType }
      const request = { method: 'PUT', path: `/api/2.0/fs/files${target}?overwrite=true`, headers } as const
      await transport.send({ ...request, body: await artifact.read() }, signal)
    }
  }

  return async (runId, artifacts, signal) => {
    if (artifacts.length === 0) return
    const location = await client.artifactLocation(runId, signal)
    const volume = /^dbfs:(\/Volumes\/.+?)\/*$/.exec(location)?.[1]
    if (volume !== undefined) return putOnVolume(volume, artifacts, signal)
    if (location.startsWith('dbfs:/')) return putSigned(runId, artifacts, signal)
    throw new MlflowError(
      'unsupported',
      `Cannot store files of a run at ${location.replace(/^(\w+:\/\/?[^/]*).*/s, '$1')}: only the workspace's own storage and volumes take them`,
    )
  }
}
