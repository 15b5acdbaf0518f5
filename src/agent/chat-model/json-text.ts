import { parseJson } from '../../lib/json.ts'

/**
 * The JSON object in what a language model wrote: alone, in a code fence, or with sentences round it. The first
 * outermost object that parses counts. Undefined when there is none, or when one begins that never ends: a part of a
 * cut-off answer must not pass for the answer.
 */
export function findJson(text: string): unknown {
  const whole = parseJson(text)
  if (typeof whole === 'object' && whole !== null) return whole
  for (let start = text.indexOf('{'); start >= 0;) {
    const end = endOfObject(text, start)
    if (end === -1) return undefined
    const value = parseJson(text.slice(start, end))
    if (value !== undefined) return value
    start = text.indexOf('{', end)
  }
  return undefined
}

/** Index after the brace that closes the one at `start`, braces inside strings aside; -1 when the text ends first. */
function endOfObject(text: string, start: number): number {
  let depth = 0
  let inString = false
  for (let index = start; index < text.length; index += 1) {
    const char = text[index]
    if (inString) {
      if (char === '\\') index += 1
      else if (char === '"') inString = false
    } else if (char === '"') inString = true
    else if (char === '{') depth += 1
    else if (char === '}') {
      depth -= 1
      if (depth === 0) return index + 1
    }
  }
  return -1
}
