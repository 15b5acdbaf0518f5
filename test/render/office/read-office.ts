import { unzipSync } from 'fflate'
import { XMLParser, XMLValidator } from 'fast-xml-parser'

/** An office document taken apart by a library that knows nothing of ours. */
export interface OfficeFile {
  /** Names of all files in it, in order. */
  readonly names: readonly string[]
  bytes(name: string): Uint8Array
  text(name: string): string
  /** The parsed XML of a part, its attributes as `@name`. */
  parsed(name: string): unknown
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  trimValues: false,
})

export function readOffice(bytes: Uint8Array): OfficeFile {
  const files = unzipSync(bytes)
  const at = (name: string): Uint8Array => {
    const found = files[name]
    if (found === undefined) throw new Error(`no ${name} among ${Object.keys(files).join(', ')}`)
    return found
  }
  const text = (name: string): string => new TextDecoder('utf-8', { fatal: true }).decode(at(name))
  return { names: Object.keys(files), bytes: at, text, parsed: (name) => parser.parse(text(name)) as unknown }
}

/**
 * What is wrong with a document's build: XML that is not well formed, characters that XML forbids, links to parts that are not
 * there, parts without a type, and ids that stand twice on a slide. Empty for a sound one; workbooks inside are looked at too.
 */
export function officeProblems(file: OfficeFile): readonly string[] {
  const problems: string[] = []
  const types = file.text('[Content_Types].xml')
  for (const name of file.names) {
    if (name.endsWith('.xlsx')) {
      problems.push(...officeProblems(readOffice(file.bytes(name))).map((problem) => `${name}: ${problem}`))
      continue
    }
    if (/\.(png|svg)$/.test(name)) continue
    const xml = file.text(name)
    const valid = XMLValidator.validate(xml)
    if (valid !== true) problems.push(`${name}: ${valid.err.msg}`)
    // oxlint-disable-next-line no-control-regex -- what XML 1.0 forbids
    if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(xml))
      problems.push(`${name}: a forbidden character`)
    if (name.endsWith('.rels')) problems.push(...brokenLinks(file, name))
    else if (name !== '[Content_Types].xml' && !types.includes(`PartName="/${name}"`)) problems.push(`${name}: no type`)
    const ids = [...xml.matchAll(/<p:cNvPr id="(\d+)"/g)].map((match) => match[1])
    if (new Set(ids).size !== ids.length) problems.push(`${name}: an id twice`)
    const folder = name.replace(/[^/]+$/, '')
    const links = file.names.includes(`${folder}_rels/${name.slice(folder.length)}.rels`)
      ? file.text(`${folder}_rels/${name.slice(folder.length)}.rels`)
      : ''
    for (const [, id = ''] of xml.matchAll(/ r:(?:id|embed)="([^"]+)"/g)) {
      if (!links.includes(`Id="${id}"`)) problems.push(`${name}: no link ${id}`)
    }
  }
  return problems
}

function brokenLinks(file: OfficeFile, name: string): readonly string[] {
  return [...file.text(name).matchAll(/Target="\/([^"]+)"/g)].flatMap(([, target = '']) =>
    file.names.includes(target) ? [] : [`${name}: no part ${target}`],
  )
}

/** Every text of a part, one per paragraph. */
export function paragraphs(xml: string): readonly string[] {
  return [...xml.matchAll(/<a:p>(.*?)<\/a:p>/gs)].map(([, inner = '']) =>
    [...inner.matchAll(/<a:t>(.*?)<\/a:t>/gs)].map(([, text = '']) => decode(text)).join(''),
  )
}

export function decode(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}

/** Cells of a worksheet by place: numbers, booleans, texts. */
export function cellsOf(xml: string): ReadonlyMap<string, string | number | boolean> {
  const cells = new Map<string, string | number | boolean>()
  for (const [, place = '', type, inner = ''] of xml.matchAll(
    /<c r="([A-Z]+\d+)"(?: s="\d+")?(?: t="(\w+)")?>(.*?)<\/c>/gs,
  )) {
    const value = /<v>(.*?)<\/v>/.exec(inner)?.[1] ?? ''
    const text = /<t(?: [^>]*)?>(.*?)<\/t>/s.exec(inner)?.[1] ?? ''
    cells.set(place, type === 'inlineStr' ? decode(text) : type === 'b' ? value === '1' : Number(value))
  }
  return cells
}
