import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import { DeckhandError } from './errors.ts'
import type { Secret } from './secret.ts'

/** Something sealed cannot be opened. `unknown-key`: none of our keys has sealed it; `damaged`: altered, or of another place. */
export class SealedError extends DeckhandError {
  override readonly name = 'SealedError'
  readonly code: 'unknown-key' | 'damaged'

  constructor(code: SealedError['code'], message: string, cause?: unknown) {
    super(message, { userMessage: 'Something we keep for you cannot be read. Please tell your administrator.', cause })
    this.code = code
  }
}

/**
 * Keeps text so that only holders of the key can read it (AES-256-GCM). `place` says what the text belongs to, such as
 * `slack:T1`: sealed for one place, it does not open at another, so that stored values cannot be swapped.
 */
export interface Sealer {
  seal(text: string, place: string): string
  /** @throws SealedError */
  open(sealed: string, place: string): string
}

const version = 'v1'
const ivBytes = 12
const tagBytes = 16

/**
 * @param key one key, or several parted by commas: the first seals, all open. To change keys, put the new one in front
 *   and take the old one out once everything has been sealed anew.
 */
export function createSealer(key: Secret): Sealer {
  const keys = key
    .reveal()
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map(deriveKey)
  const [current] = keys
  if (!current) throw new TypeError('Cannot seal without a key: the given one is empty')
  return {
    seal(text, place) {
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', current.bytes, iv).setAAD(Buffer.from(place))
      const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return `${version}.${current.id}.${sealed.toString('base64url')}`
    },
    open(envelope, place) {
      const [envelopeVersion, id, body, ...rest] = envelope.split('.')
      const sealed = Buffer.from(body ?? '', 'base64url')
      if (envelopeVersion !== version || rest.length > 0 || sealed.length < ivBytes + tagBytes) {
        throw new SealedError('damaged', `Cannot open what is sealed for "${place}": not an envelope of ours`)
      }
      const known = keys.find((each) => each.id === id)
      if (!known) throw new SealedError('unknown-key', `Cannot open what is sealed for "${place}": its key is not here`)
      try {
        const decipher = createDecipheriv('aes-256-gcm', known.bytes, sealed.subarray(0, ivBytes))
          .setAAD(Buffer.from(place))
          .setAuthTag(sealed.subarray(-tagBytes))
        return Buffer.concat([decipher.update(sealed.subarray(ivBytes, -tagBytes)), decipher.final()]).toString('utf8')
      } catch (error) {
        throw new SealedError('damaged', `Cannot open what is sealed for "${place}": it was altered`, error)
      }
    },
  }
}

/** `id` tells keys apart without telling anything about them. */
function deriveKey(text: string): { readonly id: string; readonly bytes: Buffer } {
  const bytes = Buffer.from(hkdfSync('sha256', text, 'deckhand', 'sealed values', 32))
  const id = createHash('sha256').update('id of ').update(bytes).digest('hex').slice(0, 8)
  return { id, bytes }
}
