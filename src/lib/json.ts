/** The parsed value, or undefined when `text` is not JSON. JSON has no undefined of its own, so the two never mix up. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
