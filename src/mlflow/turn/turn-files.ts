import { setImmediate as nextLoop } from 'node:timers/promises'
import { describeError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import { limits } from '../limits.ts'
import type { Redact } from '../redact.ts'
import { cleanText } from './span-attributes.ts'
import type { SpoolFile } from '../sending/spool.ts'
import type { TraceRecord } from './trace-record.ts'
import type { TurnFile } from '../tracing.ts'

/** A turn's files, ready for the spool, and what its record says of them. */
export interface KeptFiles {
  readonly files: readonly SpoolFile[]
  readonly artifacts: TraceRecord['run']['artifacts']
  /** Paths of files that are too large, or could not be made. */
  readonly leftOut: readonly string[]
}

/** Makes the files one at a time, leaving the process free for others between them. Never rejects. */
export async function keepFiles(
  files: readonly TurnFile[],
  deps: { readonly redact: Redact; readonly log: Logger },
): Promise<KeptFiles> {
  const kept: { file: SpoolFile; artifact: KeptFiles['artifacts'][number] }[] = []
  const leftOut: string[] = []
  for (const [index, { path, mediaType, content }] of files.entries()) {
    await nextLoop()
    try {
      const bytes = toBytes(content(), mediaType, deps.redact)
      if (bytes.byteLength > limits.artifactBytes) {
        leftOut.push(path)
        continue
      }
      // The number tells files of the same name in different folders apart.
      const name = `${index}-${path.replaceAll(/[^A-Za-z0-9.-]/g, '-').slice(-80)}`
      kept.push({ file: { name, bytes }, artifact: { path, mediaType, file: name } })
    } catch (error) {
      deps.log.warn({ path, error: describeError(error) }, 'A file of a run was lost')
      leftOut.push(path)
    }
  }
  return {
    files: kept.map(({ file }) => file),
    artifacts: kept.map(({ artifact }) => artifact),
    leftOut,
  }
}

const textTypes = /^(text\/|application\/(json|yaml)\b|image\/svg)/

function toBytes(content: string | Uint8Array, mediaType: string, redact: Redact): Uint8Array {
  if (typeof content !== 'string' && !textTypes.test(mediaType)) return content
  const text = typeof content === 'string' ? content : Buffer.from(content).toString('utf8')
  return Buffer.from(cleanText(text, redact))
}
