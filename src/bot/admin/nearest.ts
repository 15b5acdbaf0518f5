/** The known word that somebody may have meant: a few slips away at most, or begun with. Undefined: none, or several. */
export function nearestWord(written: string, known: readonly string[]): string | undefined {
  const word = written.toLowerCase()
  if (word === '') return undefined
  const begun = word.length < 2 ? [] : known.filter((each) => each.startsWith(word))
  if (begun.length === 1) return begun[0]
  const slips = Math.floor(Math.max(word.length, 3) / 3)
  const near = known.map((each) => ({ each, far: distance(word, each) })).filter(({ far }) => far <= slips)
  const least = Math.min(...near.map(({ far }) => far))
  const best = near.filter(({ far }) => far === least)
  return best.length === 1 ? best[0]?.each : undefined
}

/** Letters to insert, leave out, change, or swap with their neighbour. */
function distance(from: string, to: string): number {
  let before: number[] = []
  let above = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const line = [row]
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1]
      const isSwapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      line.push(
        Math.min(
          (above[column] ?? 0) + 1,
          (line[column - 1] ?? 0) + 1,
          (above[column - 1] ?? 0) + (isSame ? 0 : 1),
          isSwapped ? (before[column - 2] ?? 0) + 1 : Infinity,
        ),
      )
    }
    before = above
    above = line
  }
  return above[to.length] ?? 0
}
