import type { Place, Spot } from './place.ts'

/**
 * Something we say besides replies. Strings are text without markup, whoever wrote them: each platform writes the parts
 * in its own markup and escapes the rest.
 */
export type Said = string | readonly SaidPart[]

export type SaidPart =
  | string
  | { readonly bold: string }
  /** Words of a person, set apart; stands in lines of its own. */
  | { readonly quote: string }
  /** A label alone where the address is none that people can open. */
  | { readonly link: string; readonly label: string }
  /** The name of a channel, or what stands for it. */
  | { readonly channel: Spot }
  /** Names a person, by the platform's id. */
  | { readonly person: string }

/** What we say besides replies. */
export interface Voice {
  /** Posts for all to see who read there. @throws PortError */
  say(at: Spot, text: Said): Promise<Place>
  /**
   * Speaks to a person in their direct message; `near` is where they are. Begins a thread there, or goes on in that of
   * `root`. → the message @throws PortError
   */
  sayTo(near: Spot, user: string, text: Said, root?: Place): Promise<Place>
  /**
   * Says something that only this person is meant to read: to them alone where the platform can, else as a short answer
   * in the thread.
   * @throws PortError
   */
  whisper(at: Spot, user: string, text: Said): Promise<void>
}
