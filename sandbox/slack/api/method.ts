import type { State, Team } from '../state.ts'
import type { Args } from './args.ts'

/** One call with a valid token. */
export interface Call {
  readonly args: Args
  readonly team: Team
}

/** A method of the Web API. */
export interface Method {
  /** One of these scopes is enough; a function where it depends on the arguments. None: any token will do. */
  readonly scopes?: readonly string[] | ((call: Call) => readonly string[])
  /** Calls a minute for app and workspace: tier 1 to 4 as documented, or one of the special ones. */
  readonly tier: 1 | 2 | 3 | 4 | 'post' | 'none'
  /** What the answer holds beside `ok`. @throws SlackError */
  handle(call: Call): Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>
}

export type Methods = Readonly<Record<string, Method>>

/** What methods need of the stand-in. */
export interface MethodDeps {
  readonly state: State
}
