import { describe, expect, it } from 'vitest'
import { adminsSection } from '../../src/settings/admins-section.ts'

const nobody = { deploy: [], approve: [], rollback: [], lock: [] }

function problemsOf(section: unknown): readonly string[] {
  const parsed = adminsSection.safeParse(section)
  return parsed.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []
}

describe('the section admins', () => {
  it('takes people by their ids on each platform', () => {
    const ids = ['slack:T01/U01', 'teams:11111111-2222-3333-4444-555555555555/66666666-7777-8888-9999-000000000000']

    expect(
      problemsOf({ people: { ann: [...ids, 'shell:ann'] }, may: { prod: { ...nobody, deploy: ['ann'] } } }),
    ).toEqual([])
  })

  it('refuses names instead of ids: anybody can call themselves Ann', () => {
    expect(problemsOf({ people: { ann: ['slack:@ann'] }, may: {} })[0]).toMatch(/people\.ann\.0: slack:T0123\/U0123/)
  })

  it('refuses one id for two people, who could then approve their own plans', () => {
    expect(problemsOf({ people: { ann: ['shell:ann'], bob: ['shell:ann'] }, may: {} })).toEqual([
      'people.bob.0: of one person only, not of ann, too',
    ])
  })

  it('refuses rights of people there are not', () => {
    expect(problemsOf({ people: { ann: ['shell:ann'] }, may: { prod: { ...nobody, lock: ['anne'] } } })).toEqual([
      'may.prod.lock.0: a name from admins.people: ann',
    ])
  })
})
