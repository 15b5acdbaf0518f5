import { z } from 'zod'
import type { Identity } from '../bot/admin/admins.ts'
import { rights } from '../bot/admin/command.ts'

const shouldBe = 'slack:T0123/U0123, teams:TENANT-ID/OBJECT-ID, shell:USER or shell:*'

function isIdentity(text: string): text is Identity {
  return /^(slack:[A-Z0-9]+\/[A-Z0-9]+|teams:[\da-f-]{36}\/[\da-f-]{36}|shell:\S+)$/i.test(text)
}

const Identities = z.array(z.string().refine(isIdentity, shouldBe), `a list of ${shouldBe}`)
const Persons = z.array(z.string(), 'a list of names from admins.people')
const Rights = z.strictObject({ deploy: Persons, approve: Persons, rollback: Persons, lock: Persons })

/** The section `admins` of `config.yaml`: who may release the agent, and where. */
export const adminsSection = z
  .strictObject({ people: z.record(z.string(), Identities), may: z.record(z.string(), Rights) })
  .superRefine(({ people, may }, context) => {
    const owners = new Map<string, string>()
    for (const [person, identities] of Object.entries(people)) {
      for (const [index, identity] of identities.entries()) {
        const owner = owners.get(identity)
        if (owner !== undefined) {
          context.addIssue({
            code: 'custom',
            path: ['people', person, index],
            message: `of one person only, not of ${owner}, too`,
          })
        }
        owners.set(identity, person)
      }
    }
    const known = new Set(Object.keys(people))
    for (const [environment, allowed] of Object.entries(may)) {
      for (const right of rights) {
        for (const [index, person] of allowed[right].entries()) {
          if (known.has(person)) continue
          context.addIssue({
            code: 'custom',
            path: ['may', environment, right, index],
            message: `a name from admins.people: ${[...known].join(', ') || 'there is none yet'}`,
          })
        }
      }
    }
  })
