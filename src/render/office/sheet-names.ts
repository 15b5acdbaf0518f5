const mostCharacters = 31

/**
 * Names that Excel takes for sheets, as close to the wished ones as it allows and each different from all others: at most
 * 31 characters, none of `[]:*?/\`, no apostrophe at either end, and not "History", which Excel keeps for itself.
 */
export function sheetNames(wished: readonly string[]): readonly string[] {
  const taken = new Set(['history'])
  return wished.map((wish) => {
    const clean = wish
      .toWellFormed()
      .replace(/[\p{Cc}\p{Cf}[\]:*?/\\]+/gu, ' ')
      .replace(/\s+/g, ' ')
      .replace(/^[' ]+|[' ]+$/g, '')
    const base = clean === '' ? 'Table' : clean
    let name = cut(base, mostCharacters)
    for (let count = 2; taken.has(name.toLowerCase()); count += 1) {
      const suffix = ` (${count})`
      name = cut(base, mostCharacters - suffix.length) + suffix
    }
    taken.add(name.toLowerCase())
    return name
  })
}

function cut(text: string, most: number): string {
  if (text.length <= most) return text
  return text
    .slice(0, most)
    .toWellFormed()
    .replace(/\ufffd$/, '')
    .replace(/[' ]+$/, '')
}
