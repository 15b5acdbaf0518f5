import { z } from 'zod'
import { zip } from '../../lib/zip.ts'
import { parseJson } from '../../lib/json.ts'
import { ManifestError, publicAddress } from '../manifest.ts'

/** What the app's package is made of, as it stands in `manifests/teams`. */
export interface TeamsPackageParts {
  /** `manifest.json` without ids and addresses. */
  readonly template: string
  /** PNG, 192 × 192. */
  readonly color: Uint8Array
  /** PNG, 32 × 32, white on nothing. */
  readonly outline: Uint8Array
}

export interface TeamsApp {
  /** Where Teams reaches this server over https. */
  readonly url: string
  /** Of the bot's registration in Entra. */
  readonly appId: string
}

const Template = z.looseObject({
  developer: z.looseObject({ websiteUrl: z.string(), privacyUrl: z.string(), termsOfUseUrl: z.string() }),
  icons: z.object({ color: z.string(), outline: z.string() }),
  bots: z.tuple([z.looseObject({})]),
})

/**
 * The app's package for "Upload an app" in Teams: manifest and icons, at the root of a ZIP.
 * @throws ManifestError
 */
export async function teamsPackage(
  { template, color, outline }: TeamsPackageParts,
  app: TeamsApp,
): Promise<Uint8Array> {
  const manifest = teamsManifest(template, app)
  const { icons } = Template.parse(parseJson(manifest))
  return await zip([
    { name: 'manifest.json', content: manifest },
    { name: icons.color, content: color },
    { name: icons.outline, content: outline },
  ])
}

/**
 * The manifest with the app's id and this server's address in all the places that ask for them. Addresses of the
 * developer that the template leaves empty become this server's.
 * @throws ManifestError
 */
export function teamsManifest(template: string, { url, appId }: TeamsApp): string {
  const parsed = Template.safeParse(parseJson(template))
  if (!parsed.success) throw new ManifestError('bad-manifest', 'manifests/teams/manifest.json is not a Teams manifest')
  const base = publicAddress(url)
  const id = guid(appId)
  const { developer, bots, ...rest } = parsed.data
  const own = (address: string): string => (address === '' ? base : address)
  const manifest = {
    ...rest,
    id,
    developer: {
      ...developer,
      websiteUrl: own(developer.websiteUrl),
      privacyUrl: own(developer.privacyUrl),
      termsOfUseUrl: own(developer.termsOfUseUrl),
    },
    bots: [{ botId: id, ...bots[0] }],
    validDomains: [new URL(base).host],
    // Permissions of single teams and chats are given to the registration named here; `resource` only has to be there.
    webApplicationInfo: { id, resource: base },
  }
  return `${JSON.stringify(manifest, undefined, 2)}\n`
}

/** @throws ManifestError */
function guid(appId: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(appId)) {
    const what = appId === '' ? 'there is no app id' : `the app id is "${appId}"`
    throw new ManifestError(
      'usage',
      `${what}, should be the id of the bot’s registration in Entra: --app-id, or teams.app_id in config.yaml`,
    )
  }
  return appId.toLowerCase()
}
