/** A SELECT in pieces; {@link writeSelect} lays it out the way an analyst would. */
export interface Select {
  readonly with?: readonly { readonly name: string; readonly select: Select | string }[]
  readonly columns: readonly string[]
  readonly from: string
  readonly joins?: readonly string[]
  readonly where?: readonly string[]
  readonly groupBy?: readonly string[]
  readonly having?: readonly string[]
  readonly qualify?: string
  readonly orderBy?: readonly string[]
  readonly limit?: number
}

/** SQL text, one clause a line, common table expressions indented. */
export function writeSelect(select: Select): string {
  const lines: string[] = []
  const ctes = select.with ?? []
  ctes.forEach(({ name, select: inner }, index) => {
    const body = typeof inner === 'string' ? inner : writeSelect(inner)
    lines.push(`${index === 0 ? 'WITH ' : ''}${name} AS (`, indent(body), index === ctes.length - 1 ? ')' : '),')
  })
  lines.push('SELECT', indent(select.columns.join(',\n')), `FROM ${select.from}`)
  lines.push(...(select.joins ?? []))
  const clause = (word: string, parts: readonly string[] | undefined, joint: string): void => {
    if (parts && parts.length > 0) lines.push(`${word} ${parts.join(joint)}`)
  }
  clause('WHERE', select.where, '\n  AND ')
  clause('GROUP BY', select.groupBy, ', ')
  clause('HAVING', select.having, '\n  AND ')
  if (select.qualify !== undefined) lines.push(`QUALIFY ${select.qualify}`)
  clause('ORDER BY', select.orderBy, ', ')
  if (select.limit !== undefined) lines.push(`LIMIT ${select.limit}`)
  return lines.join('\n')
}

const indent = (text: string): string => text.replaceAll(/^/gm, '  ')

/** A text literal. */
export const text = (value: string): string => `'${value.replaceAll("'", "''")}'`
/** A day literal. */
export const date = (day: string): string => `DATE '${day}'`
