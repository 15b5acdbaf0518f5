/**
 * Lengths, in characters, above which MLflow's databases refuse or cut a value. We cut first, so that a Postgres
 * behind the server does not fail where SQLite was lenient.
 */
export const limits = {
  preview: 1000,
  metadataValue: 250,
  tagKey: 250,
  tagValue: 8000,
  paramValue: 6000,
  /** The question among a run's params: enough to recognise it in a table of runs. */
  runQuestion: 100,
  /** Names of params, metrics and tags. */
  key: 250,
  /** What one `runs/log-batch` takes; the bytes leave room for the rest of its body below MLflow's million. */
  batch: { params: 100, tags: 100, metrics: 1000, entries: 1000, bytes: 900_000 },
  /** Ours, not MLflow's: larger contents are artifacts, and one column holds a span's whole content. */
  spanContent: 512 * 1024,
  /** Ours: MLflow's server takes a whole file into memory. Larger ones are left out, and a tag of the run names them. */
  artifactBytes: 32 * 1024 * 1024,
} as const

/** At most `max` characters, the last three being dots when something was cut. Never ends in half a character. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text
  return `${text
    .slice(0, max - 3)
    .toWellFormed()
    .replace(/\uFFFD$/, '')}...`
}
