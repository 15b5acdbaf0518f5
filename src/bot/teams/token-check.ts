import { z } from 'zod'

/** What a delivery's token has to say before anyone fetches keys to verify it. */
export interface TokenRules {
  /** The bot's app id. */
  readonly audience: string
  readonly issuer: string
}

/** Real ones have about 1,200 characters. */
const longest = 8192

const Header = z.object({ alg: z.literal('RS256'), kid: z.string().min(1) })
const Claims = z.object({ iss: z.string(), aud: z.string(), serviceurl: z.string().min(1), exp: z.number() })

/**
 * Why a delivery is refused without verification; undefined when it is worth verifying. It opens no door: the library
 * verifies what passes here. It keeps out what the library would treat as something else than a channel's token (an
 * emulator's, a skill's, none at all), and what would send it looking for keys at a stranger's word.
 */
export function tokenProblem(authorization: string | undefined, rules: TokenRules): string | undefined {
  if (authorization === undefined || authorization === '') return 'it has no token'
  const [, header = '', claims = ''] = /^Bearer ([\w-]+)\.([\w-]+)\.[\w-]+$/.exec(authorization) ?? []
  if (header === '' || authorization.length > longest) return 'its token is malformed'
  if (!Header.safeParse(readPart(header)).success) return 'its token is not signed by RS256 with a named key'
  const { data } = Claims.safeParse(readPart(claims))
  if (!data) return 'its token does not say who it is from and for'
  if (data.iss !== rules.issuer) return 'its token is from another issuer'
  if (data.aud !== rules.audience) return 'its token is for another app'
  return undefined
}

function readPart(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString())
  } catch {
    return undefined
  }
}
