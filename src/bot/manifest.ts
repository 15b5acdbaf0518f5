import { DeckhandError } from '../lib/errors.ts'

/** What a chat platform is told about the app cannot be written. */
export class ManifestError extends DeckhandError {
  override readonly name = 'ManifestError'
  readonly code: 'usage' | 'bad-manifest'

  constructor(code: ManifestError['code'], message: string) {
    super(message, { userMessage: message })
    this.code = code
  }
}

/**
 * The address at which platforms reach this server, without a slash at its end: they take https only, and nothing after
 * the path.
 * @throws ManifestError
 */
export function publicAddress(url: string): string {
  const parsed = URL.parse(url)
  if (parsed?.protocol !== 'https:' || parsed.search !== '' || parsed.hash !== '' || parsed.username !== '') {
    throw new ManifestError('usage', `--url is "${url}", should be the https address of this server`)
  }
  return parsed.href.replace(/\/+$/, '')
}
