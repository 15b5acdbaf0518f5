import type { PackagedModel } from './model-package/package-model.ts'

/**
 * Versions of one registered model, on an MLflow server or in Unity Catalog. Pointers are aliases; stages are not used.
 * Every method rejects with RegistryError or with the signal's reason.
 */
export interface ModelRegistry {
  /** The registered model: three levels in Unity Catalog. */
  readonly modelName: string
  /** The model's page; that of one version where it is given. */
  link(version?: string): string
  /**
   * Uploads the folder and makes it a version. The same content gives the version that is there already, untouched; one
   * that a killed process has left behind is finished. `tags` beside those of {@link versionTag} that tell the content.
   */
  register(folder: RegisteredFolder, tags: Tags, options: RegisterOptions): Promise<Registered>
  /** @throws RegistryError `not-found` */
  getVersion(version: string, signal: AbortSignal): Promise<ModelVersion>
  /** Newest first; none when the model does not exist. */
  listVersions(signal: AbortSignal): Promise<readonly ModelVersion[]>
  findByAlias(alias: string, signal: AbortSignal): Promise<ModelVersion | undefined>
  /** Moves the alias when another version has it. Repeating it changes nothing. @throws RegistryError `not-found` */
  setAlias(alias: string, version: string, signal: AbortSignal): Promise<void>
  /** Repeating it changes nothing. */
  deleteAlias(alias: string, signal: AbortSignal): Promise<void>
  /** Writes these tags over those of the same name; others stay. @throws RegistryError `not-found` */
  setTags(version: string, tags: Tags, signal: AbortSignal): Promise<void>
  /** One file of the version's folder, such as `deckhand.json`. @throws RegistryError `not-found` */
  readFile(version: string, path: string, signal: AbortSignal): Promise<Uint8Array>
}

/** A model folder of ours on this machine. */
export type RegisteredFolder = Pick<PackagedModel, 'dir' | 'version' | 'commit' | 'contentHash'>

/** Names of letters, digits and `_` only, which is all that Unity Catalog takes. */
export type Tags = Readonly<Record<string, string>>

export interface RegisterOptions {
  readonly signal: AbortSignal
  /** Hears what is being done. */
  readonly onProgress?: (step: RegisterStep) => void
}

export type RegisterStep =
  | { readonly kind: 'known'; readonly version: string }
  /** A version without all its files was found, and is finished. */
  | { readonly kind: 'resumed'; readonly version: string }
  /** It cannot be finished: there will be a new one. */
  | { readonly kind: 'given-up'; readonly version: string }
  | { readonly kind: 'uploading'; readonly fileCount: number; readonly sizeBytes: number }
  | { readonly kind: 'finishing' }

export interface Registered {
  readonly version: ModelVersion
  /** False when the content had been registered before. */
  readonly isNew: boolean
}

export interface ModelVersion {
  readonly modelName: string
  /** A number as text, from `1`. */
  readonly version: string
  /** Only one that is `ready` can be served. `pending`: its files are not all there yet. */
  readonly status: 'pending' | 'ready' | 'failed'
  /** Milliseconds since the epoch; 0 when the registry does not say. */
  readonly createdAt: number
  readonly tags: Tags
  readonly aliases: readonly string[]
  /** Its page. */
  readonly link: string
}

/** Pointers to versions: `candidate` was registered last, `champion` serves, `previous` served before. */
export const modelAliases = { candidate: 'candidate', champion: 'champion', previous: 'previous' } as const

/** What versions are tagged with. */
export const versionTag = {
  contentHash: 'content_hash',
  commit: 'commit',
  programVersion: 'deckhand_version',
  /** Who made it. */
  registeredBy: 'registered_by',
  /** The run of `deckhand eval run` that judged it. */
  evaluationRun: 'eval_run',
  /** Share of questions that were answered as expected, 0 to 1. */
  evaluationPassed: 'eval_passed',
} as const
