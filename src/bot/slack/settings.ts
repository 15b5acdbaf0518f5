import type { Secret } from '../../lib/secret.ts'
import type { FollowUp } from '../chat/follow-up.ts'
import type { AnswerIn } from '../chat/listening.ts'

/** The part of the configuration that Slack needs; see `slack` in config.yaml. Secrets come from the environment. */
export interface SlackSettings {
  readonly mode: 'http' | 'socket'
  /** Several workspaces by OAuth; '' for one workspace, by `botToken`. */
  readonly clientId: string
  readonly answerIn: AnswerIn
  readonly followUp: FollowUp
  /** Ends with a slash. */
  readonly apiUrl: string
  /** Where people reach this server, without a slash at the end; '' when unknown. */
  readonly publicUrl: string
  /** How long a thread is remembered. */
  readonly threadTtlMs: number
  readonly botToken?: Secret | undefined
  readonly appToken?: Secret | undefined
  readonly signingSecret?: Secret | undefined
  readonly clientSecret?: Secret | undefined
  readonly linkKey?: Secret | undefined
  readonly encryptionKey?: Secret | undefined
}
