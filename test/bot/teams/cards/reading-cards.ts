/** Every object inside a value, itself included. */
export function objectsIn(value: unknown): Readonly<Record<string, unknown>>[] {
  if (typeof value !== 'object' || value === null) return []
  const inner = Object.values(value).flatMap(objectsIn)
  return Array.isArray(value) ? inner : [value as Record<string, unknown>, ...inner]
}

/** Every element, run or action of a type. */
export function ofType(type: string, value: unknown): Readonly<Record<string, unknown>>[] {
  return objectsIn(value).filter((each) => each['type'] === type)
}

/** Every text inside a value, whatever its name. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

/** A card as a person reads it, one line for each element. */
export function outline(elements: readonly unknown[], indent = ''): string[] {
  return elements.flatMap((element) => {
    const each = element as Readonly<Record<string, unknown>>
    switch (each['type']) {
      case 'RichTextBlock':
        return [`${indent}${runsOf(each).join('')}`]
      case 'TextBlock':
        return [`${indent}# ${String(each['text'])}`]
      case 'Image':
        return [`${indent}[picture: ${String(each['altText'])}]`]
      case 'Table':
        return (each['rows'] as { cells: { items: unknown[] }[] }[]).map(
          ({ cells }) => `${indent}| ${cells.map(({ items }) => outline(items).join(' ')).join(' | ')}`,
        )
      case 'ActionSet':
        return [
          `${indent}${(each['actions'] as Record<string, unknown>[])
            .map(({ title, mode, style }) => `(${String(title)}${style ? '!' : ''}${mode ? ' …' : ''})`)
            .join(' ')}`,
        ]
      case 'Container':
        return [`${indent}${String(each['style'])}:`, ...outline(each['items'] as unknown[], `${indent}  `)]
      case 'ColumnSet':
        return (each['columns'] as { items: unknown[] }[]).flatMap(({ items }, index) =>
          outline(items, `${indent}${index > 0 ? '/ ' : ''}`),
        )
      default:
        return [`${indent}${String(each['type'])}: ${String(each['label'])}`]
    }
  })
}

function runsOf(block: Readonly<Record<string, unknown>>): string[] {
  return (block['inlines'] as (string | { text: string })[]).map((each) =>
    typeof each === 'string' ? each : each.text,
  )
}
