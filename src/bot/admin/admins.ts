import type { Right } from './command.ts'

/** One way a person can come to us: `slack:WORKSPACE/USER`, `teams:TENANT/OBJECT-ID`, `shell:USER`. */
export type Identity = `${'slack' | 'teams' | 'shell'}:${string}`

/** Whoever is at the shell. */
const anyShellUser: Identity = 'shell:*'

/** The section `admins` of config.yaml. */
export interface AdminSettings {
  /** Names of persons, and how they come to us. */
  readonly people: Readonly<Record<string, readonly Identity[]>>
  /** What whom is allowed, by environment. */
  readonly may: Readonly<Record<string, Readonly<Record<Right, readonly string[]>>>>
}

/** Somebody who may look, and maybe more. Two identities of one person are one admin: they cannot approve their own plan. */
export interface Admin {
  /** As config.yaml names the person; for whom `shell:*` stands, the user's own name stands behind. */
  readonly person: string
  readonly identity: Identity
}

/** Who may do what. */
export interface Admins {
  /** Undefined for strangers. */
  find(identity: Identity): Admin | undefined
  may(admin: Admin, right: Right, environment: string): boolean
  /** Names of those who have the right. */
  whoMay(right: Right, environment: string): readonly string[]
}

export function createAdmins({ people, may }: AdminSettings): Admins {
  const byIdentity = new Map(
    Object.entries(people).flatMap(([person, identities]) => identities.map((identity) => [fold(identity), person])),
  )
  const whoMay = (right: Right, environment: string): readonly string[] => may[environment]?.[right] ?? []
  return {
    find(identity) {
      const isShell = identity.startsWith('shell:')
      const person = byIdentity.get(fold(identity)) ?? (isShell ? byIdentity.get(anyShellUser) : undefined)
      return person === undefined ? undefined : { person, identity }
    },
    may: ({ person }, right, environment) => whoMay(right, environment).includes(person),
    whoMay,
  }
}

/** Object ids of Entra come in both cases; Slack's ids and names of users are what they are. */
function fold(identity: Identity): string {
  return identity.startsWith('teams:') ? identity.toLowerCase() : identity
}
