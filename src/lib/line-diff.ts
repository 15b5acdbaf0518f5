/** What changed from one text to the other: `- ` and `+ ` before lines, with `context` lines around; '' when nothing did. */
export function lineDiff(before: string, after: string, context = 1): string {
  const marked = align(linesOf(before), linesOf(after))
  const isNear = (at: number): boolean =>
    marked.slice(Math.max(0, at - context), at + context + 1).some(([mark]) => mark !== ' ')
  const lines: string[] = []
  let isGap = false
  for (const [at, [mark, line]] of marked.entries()) {
    if (isNear(at)) {
      if (isGap && lines.length > 0) lines.push('…')
      lines.push(`${mark} ${line}`.trimEnd())
    }
    isGap = !isNear(at)
  }
  return lines.join('\n')
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.split('\n')
}

type Marked = readonly [mark: ' ' | '-' | '+', line: string]

/** Keeps the longest common subsequence. Time and memory go with the product of the lengths: made for files of settings. */
function align(before: readonly string[], after: readonly string[]): readonly Marked[] {
  const width = after.length + 1
  const common = new Uint32Array((before.length + 1) * width)
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const down = common[(i + 1) * width + j] ?? 0
      const right = common[i * width + j + 1] ?? 0
      const diagonal = common[(i + 1) * width + j + 1] ?? 0
      common[i * width + j] = before[i] === after[j] ? diagonal + 1 : Math.max(down, right)
    }
  }
  const marked: Marked[] = []
  let [i, j] = [0, 0]
  while (i < before.length || j < after.length) {
    const [was, is] = [before[i], after[j]]
    if (was !== undefined && was === is) {
      marked.push([' ', was])
      i += 1
      j += 1
    } else if (
      was !== undefined &&
      (is === undefined || (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0))
    ) {
      marked.push(['-', was])
      i += 1
    } else if (is !== undefined) {
      marked.push(['+', is])
      j += 1
    }
  }
  return marked
}
