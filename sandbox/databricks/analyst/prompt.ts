import type { ChatBrainRequest } from '../chat-brain.ts'

/** A fact as the prompt lists it: `F12 | label | value | kind`. */
export interface ListedFact {
  readonly id: string
  readonly label: string
  readonly value: string
  readonly kind: string
}

/** A table as the prompt describes it. */
export interface ListedTable {
  readonly id: string
  readonly title: string
  readonly rowCount: number
  readonly columns: readonly { readonly name: string; readonly type: string; readonly unit: string }[]
  /** The first rows, cells as text. */
  readonly rows: readonly (readonly string[])[]
}

/** The text of a tagged section of the last message that has it; '' when there is none. */
export function section(request: ChatBrainRequest, name: string): string {
  for (const message of request.messages.toReversed()) {
    if (message.role !== 'user') continue
    const match = new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(message.content)
    if (match) return unescape(match[1] ?? '').trim()
  }
  return ''
}

export function listedFacts(text: string): ListedFact[] {
  return text.split('\n').flatMap((line) => {
    const [id = '', label = '', value = '', kind = ''] = line.split(' | ').map((part) => part.trim())
    return /^F\d+$/.test(id) ? [{ id, label, value, kind }] : []
  })
}

export function listedTables(text: string): ListedTable[] {
  return text
    .split(/\n\n+/)
    .map((block) => block.split('\n'))
    .flatMap((lines) => {
      const [, id = '', title = ''] = /^(T\d+): (.*)$/.exec(lines[0] ?? '') ?? []
      if (id === '') return []
      const after = (prefix: string): string =>
        lines
          .find((line) => line.startsWith(prefix))
          ?.slice(prefix.length)
          .trim() ?? ''
      const columns = after('columns:')
        .split(' | ')
        .flatMap((text) => {
          const [, name = '', type = '', unit = ''] = /^(.*) \((\w+), (\w+)\)$/.exec(text) ?? []
          return name === '' ? [] : [{ name, type, unit }]
        })
      const firstRow = lines.indexOf('first rows:') + 1
      const rows = firstRow === 0 ? [] : lines.slice(firstRow).map((line) => line.split('\t'))
      return [{ id, title, rowCount: Number.parseInt(after('rows:'), 10) || 0, columns, rows }]
    })
}

function unescape(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&amp;', '&')
}
