import { DatabricksError } from './error.ts'

/**
 * The workspace's origin from what people paste: with or without `https://`, with a path or a trailing slash.
 * @throws DatabricksError `misconfigured`
 */
export function workspaceOrigin(host: string): string {
  const trimmed = host.trim()
  if (trimmed === '') {
    throw new DatabricksError('misconfigured', 'Databricks host is empty, expected an address (set DATABRICKS_HOST)')
  }
  const url = URL.parse(trimmed.includes('://') ? trimmed : `https://${trimmed}`)
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new DatabricksError(
      'misconfigured',
      'Databricks host is not an address, expected https://… (set DATABRICKS_HOST)',
    )
  }
  if (url.username !== '' || url.password !== '') {
    throw new DatabricksError('misconfigured', 'Databricks host carries credentials, expected an address only')
  }
  return url.origin
}
