import type { Credentials } from './credentials.ts'
import { DatabricksError } from './error.ts'

/**
 * Runs `exchange` with the value of the `Authorization` header; once more with a renewed one when it failed as
 * `unauthenticated` and the credentials can be renewed.
 */
export async function withAuthorization<T>(
  credentials: Credentials,
  exchange: (authorization: string) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const authorization = await credentials.authorization(signal)
  try {
    return await exchange(authorization)
  } catch (error) {
    const refused = error instanceof DatabricksError && error.code === 'unauthenticated'
    if (!refused || !credentials.invalidate(authorization)) throw error
    return exchange(await credentials.authorization(signal))
  }
}
