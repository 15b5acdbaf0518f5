import { HttpError, type HttpClient } from '../../src/lib/http.ts'

/**
 * The client of a process that is killed: `passed` requests work, the next one is done but its answer reaches nobody,
 * and no other leaves.
 */
export function dyingClient(http: HttpClient, passed: number): HttpClient & { readonly isDead: boolean } {
  let count = 0
  const died = (code: 'network' | 'connect'): HttpError => new HttpError(code, 'killed', { userMessage: 'killed' })
  return {
    get isDead() {
      return count > passed
    },
    async send(request, signal) {
      count += 1
      if (count > passed + 1) throw died('connect')
      const response = await http.send(request, signal)
      if (count > passed) throw died('network')
      return response
    },
    async [Symbol.asyncDispose]() {},
  }
}
