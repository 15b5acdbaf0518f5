import { zip } from '../../lib/zip.ts'
import { tag, xmlDocument } from './xml.ts'

/** A link from one part of an office document to another. `type` is the last word of the relationship's address. */
export interface Relationship {
  readonly id: string
  readonly type: string
  /** Path of the other part, such as `/ppt/slides/slide1.xml`. */
  readonly target: string
  /** True when the target is an address of the web and no part of the package. */
  readonly isExternal?: boolean
}

/** One file inside an office document. */
export interface Part {
  /** From the root of the package, such as `/ppt/slides/slide1.xml`. */
  readonly path: string
  readonly contentType: string
  readonly content: string | Uint8Array
  readonly relationships?: readonly Relationship[]
}

const officeRelationships = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const packageRelationships = 'http://schemas.openxmlformats.org/package/2006/relationships'

/** The bytes of an Open Packaging document: its parts, what each of them is, and how they hang together. */
export async function packParts(parts: readonly Part[], roots: readonly Relationship[]): Promise<Uint8Array> {
  const types = parts.map((part) => tag('Override', { PartName: part.path, ContentType: part.contentType }))
  const contentTypes = tag(
    'Types',
    { xmlns: 'http://schemas.openxmlformats.org/package/2006/content-types' },
    tag('Default', { Extension: 'rels', ContentType: 'application/vnd.openxmlformats-package.relationships+xml' }),
    tag('Default', { Extension: 'xml', ContentType: 'application/xml' }),
    ...types,
  )
  return await zip([
    { name: '[Content_Types].xml', content: xmlDocument(contentTypes) },
    { name: '_rels/.rels', content: relationshipsXml(roots) },
    ...parts.flatMap((part) => [
      { name: part.path.slice(1), content: part.content },
      ...(part.relationships === undefined || part.relationships.length === 0
        ? []
        : [{ name: relationshipsPath(part.path), content: relationshipsXml(part.relationships) }]),
    ]),
  ])
}

function relationshipsPath(path: string): string {
  const slash = path.lastIndexOf('/')
  return `${path.slice(1, slash + 1)}_rels/${path.slice(slash + 1)}.rels`
}

function relationshipsXml(relationships: readonly Relationship[]): string {
  const items = relationships.map(({ id, type, target, isExternal }) =>
    tag('Relationship', {
      Id: id,
      Type: typeAddress(type),
      Target: target,
      TargetMode: isExternal === true ? 'External' : undefined,
    }),
  )
  return xmlDocument(tag('Relationships', { xmlns: packageRelationships }, ...items))
}

/** Core properties are the one kind that belongs to the package and not to the office document. */
function typeAddress(type: string): string {
  return type === 'core-properties'
    ? 'http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties'
    : `${officeRelationships}/${type}`
}
