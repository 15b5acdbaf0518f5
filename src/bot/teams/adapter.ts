import { TeamsAdapter } from '@microsoft/teams-ai/lib/TeamsAdapter.js'
import type { Activity as LibraryActivity } from 'botbuilder'
import { AuthenticationError, type ConnectorClient } from 'botframework-connector'
import type { HttpClient } from '../../lib/http.ts'
import type { ServiceClientCredentialsFactory } from './credentials.ts'
import { pace } from './limits.ts'
import { quietly } from './quietly.ts'
import type { Activity } from './wire.ts'

/** teams-ai's adapter, as far as we use it: who delivers is proven, and calls carry our token. */
export interface Adapter {
  /**
   * Resolves when the token was made by Teams, for this app and for this activity.
   * @throws AuthenticationError when it was not, or what kept it from being looked at
   */
  verify(authorization: string, activity: Activity): Promise<void>
  /** Fetches the keys that deliveries are signed with, so that the first one does not wait for them. Never throws. */
  warm(): Promise<void>
  /** Speaks to one Bot Connector service, one try for each call. */
  connect(serviceUrl: string): Promise<ConnectorClient>
}

export interface AdapterDeps {
  readonly appId: string
  readonly credentials: ServiceClientCredentialsFactory
  readonly http: HttpClient
  /** Whose word is taken for who delivers: the public cloud's unless given. */
  readonly issuer?: OpenIdIssuer | undefined
}

export interface OpenIdIssuer {
  readonly tokenIssuer: string
  readonly metadataUrl: string
}

/** The public cloud. @see https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication */
export const cloudIssuer: OpenIdIssuer = {
  tokenIssuer: 'https://api.botframework.com',
  metadataUrl: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
}

/** The rest of the public cloud; the library takes all of it as soon as one part is given. */
const cloud = {
  ToChannelFromBotLoginUrl: 'https://login.microsoftonline.com/botframework.com',
  ToChannelFromBotOAuthScope: 'https://api.botframework.com',
  OAuthUrl: 'https://api.botframework.com',
  ToBotFromEmulatorOpenIdMetadataUrl:
    'https://login.microsoftonline.com/botframework.com/v2.0/.well-known/openid-configuration',
}

export { AuthenticationError }

/** Opens what the library keeps to itself and its subclasses. */
class OpenAdapter extends TeamsAdapter {
  async verify(authorization: string, activity: LibraryActivity): Promise<void> {
    // What the activity leads to happens later, outside of the library: its own errors are about the token alone.
    await quietly(() => this.processActivity(authorization, activity, async () => undefined))
  }

  async connectorTo(serviceUrl: string, appId: string): Promise<ConnectorClient> {
    const factory = this.botFrameworkAuthentication.createConnectorFactory(this.createClaimsIdentity(appId))
    return await factory.create(serviceUrl, cloud.ToChannelFromBotOAuthScope)
  }
}

export function createAdapter({ appId, credentials, http, issuer = cloudIssuer }: AdapterDeps): Adapter {
  const adapter = new OpenAdapter(
    {
      ...cloud,
      MicrosoftAppId: appId,
      ToBotFromChannelTokenIssuer: issuer.tokenIssuer,
      ToBotFromChannelOpenIdMetadataUrl: issuer.metadataUrl,
    },
    credentials,
    undefined,
    { httpClient: toLibraryClient(http), noRetryPolicy: true },
  )
  return {
    // A copy, since the library adds fields; its type asks for dates where the wire has text, and for this it reads neither.
    verify: (authorization, activity) =>
      adapter.verify(authorization, structuredClone(activity) as unknown as LibraryActivity),
    async warm() {
      // The library fetches keys when it needs one: here, for a token that it then refuses.
      const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
      const header = part({ alg: 'RS256', typ: 'JWT', kid: 'none' })
      const token = `${header}.${part({ iss: issuer.tokenIssuer, aud: appId })}.${part('')}`
      const activity = { type: 'message', channelId: 'msteams', serviceUrl: '' } as LibraryActivity
      await adapter.verify(`Bearer ${token}`, activity).catch(() => undefined)
    },
    connect: (serviceUrl) => adapter.connectorTo(serviceUrl, appId),
  }
}

type LibraryClient = NonNullable<NonNullable<ConstructorParameters<typeof TeamsAdapter>[3]>['httpClient']>

/** Our client under the library's: bounded, with deadlines, ended by signals, and never following a redirect with a token. */
function toLibraryClient(http: HttpClient): LibraryClient {
  return {
    async sendRequest(request) {
      const { abortSignal } = request
      const response = await http.send(
        {
          method: request.method as 'GET' | 'POST' | 'PUT' | 'DELETE',
          url: request.url,
          headers: request.headers.rawHeaders(),
          ...(typeof request.body === 'string' ? { body: request.body } : {}),
          timeoutMs: pace.callMs,
        },
        abortSignal instanceof AbortSignal ? abortSignal : undefined,
      )
      const headers = request.headers.clone()
      for (const { name } of headers.headersArray()) headers.remove(name)
      for (const name of ['content-type', 'retry-after']) {
        const value = response.header(name)
        if (value !== undefined) headers.set(name, value)
      }
      return { request, status: response.status, headers, bodyAsText: response.text() }
    },
  }
}
