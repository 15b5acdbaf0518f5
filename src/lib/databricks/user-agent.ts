import packageJson from '../../../package.json' with { type: 'json' }

/**
 * `deckhand/1.2.3 nodejs/24.1.0 os/linux auth/pat`: how Databricks sees us in its audit log.
 * Product, keys and values may hold only `[0-9A-Za-z_.+-]`.
 */
export function userAgent(auth: string): string {
  const clean = (value: string): string => value.replace(/[^0-9A-Za-z_.+-]/g, '-')
  return [
    `${clean(packageJson.name)}/${clean(packageJson.version)}`,
    `nodejs/${clean(process.versions.node)}`,
    `os/${clean(process.platform)}`,
    `auth/${clean(auth)}`,
  ].join(' ')
}
