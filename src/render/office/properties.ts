import { tag, xmlDocument, xmlText } from './xml.ts'
import type { Part } from './package.ts'

/** What a document says about itself. */
export interface DocumentProperties {
  readonly title: string
  readonly subject: string
  /** BCP 47. */
  readonly language: string
  /** ISO 8601. */
  readonly createdAt: string
}

const author = 'Deckhand'

/** The two parts with title, author, language and dates that every office document has. */
export function propertyParts(properties: DocumentProperties): readonly Part[] {
  const at = new Date(properties.createdAt)
  // A date that cannot be read is left out: a wrong one would make the whole file invalid.
  const time = Number.isNaN(at.getTime()) ? null : at.toISOString().replace(/\.\d+Z$/, 'Z')
  const dated = (name: string): string => (time === null ? '' : tag(name, { 'xsi:type': 'dcterms:W3CDTF' }, time))
  const core = tag(
    'cp:coreProperties',
    {
      'xmlns:cp': 'http://schemas.openxmlformats.org/package/2006/metadata/core-properties',
      'xmlns:dc': 'http://purl.org/dc/elements/1.1/',
      'xmlns:dcterms': 'http://purl.org/dc/terms/',
      'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
    },
    tag('dc:title', {}, xmlText(properties.title)),
    tag('dc:subject', {}, xmlText(properties.subject)),
    tag('dc:creator', {}, author),
    tag('cp:lastModifiedBy', {}, author),
    dated('dcterms:created'),
    dated('dcterms:modified'),
    tag('dc:language', {}, xmlText(properties.language)),
  )
  const app = tag(
    'Properties',
    { xmlns: 'http://schemas.openxmlformats.org/officeDocument/2006/extended-properties' },
    tag('Application', {}, author),
  )
  return [
    {
      path: '/docProps/core.xml',
      contentType: 'application/vnd.openxmlformats-package.core-properties+xml',
      content: xmlDocument(core),
    },
    {
      path: '/docProps/app.xml',
      contentType: 'application/vnd.openxmlformats-officedocument.extended-properties+xml',
      content: xmlDocument(app),
    },
  ]
}

/** How the package points to {@link propertyParts}. */
export const propertyRelationships = [
  { id: 'rIdCore', type: 'core-properties', target: '/docProps/core.xml' },
  { id: 'rIdApp', type: 'extended-properties', target: '/docProps/app.xml' },
] as const
