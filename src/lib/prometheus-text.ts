/** One sample of Prometheus's text format. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const samplePattern = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/
const labelPattern = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g

/** Reads Prometheus's or OpenMetrics' text; lines that are neither samples nor comments are passed over. */
export function parsePrometheus(text: string): readonly Sample[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels = '', value = ''] = samplePattern.exec(line.trim()) ?? []
    const number = value === '+Inf' ? Infinity : value === '-Inf' ? -Infinity : Number(value)
    if (name === undefined || (Number.isNaN(number) && value !== 'NaN')) return []
    const read = [...labels.matchAll(labelPattern)].map(([, key = '', quoted = '']) => [key, unescape(quoted)])
    return [{ name, labels: Object.fromEntries(read) as Record<string, string>, value: number }]
  })
}

function unescape(quoted: string): string {
  return quoted.replaceAll(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign))
}
