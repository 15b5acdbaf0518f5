import { versionTag, type RegisteredFolder, type Tags } from '../registry.ts'

/** Unity Catalog's; MLflow servers take more. */
const maxTagValue = 256

/** The tags of a version made of this folder. Those that tell the content win. */
export function tagsOf(folder: RegisteredFolder, tags: Tags): Tags {
  const all = {
    ...tags,
    [versionTag.programVersion]: folder.version,
    [versionTag.commit]: folder.commit,
    [versionTag.contentHash]: folder.contentHash,
  }
  const filled = Object.entries(all).filter(([, value]) => value !== '')
  return Object.fromEntries(filled.map(([key, value]) => [key, value.slice(0, maxTagValue)]))
}

/** People read it, and `tellsContent` does: searches in Unity Catalog tell descriptions, but no tags. */
export function describeFolder({ version, commit, contentHash }: RegisteredFolder): string {
  return `Deckhand ${version}, commit ${commit || 'unknown'}, content ${contentHash}`
}

export function tellsContent(
  version: { readonly description: string; readonly tags: Tags },
  { contentHash }: RegisteredFolder,
): boolean {
  return version.tags[versionTag.contentHash] === contentHash || version.description.endsWith(` content ${contentHash}`)
}
