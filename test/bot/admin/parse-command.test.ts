import { describe, expect, it } from 'vitest'
import { commandToText, type AdminCommand } from '../../../src/bot/admin/command.ts'
import { commandWithin } from '../../../src/bot/admin/command-within.ts'
import { parseCommand } from '../../../src/bot/admin/parse-command.ts'

const environments = ['dev', 'prod']

const deploy = {
  name: 'deploy',
  environment: 'prod',
  isDryRun: false,
  approves: false,
  acceptsDrift: false,
  reason: '',
} as const
const rollback = { name: 'rollback', environment: 'prod', isDryRun: false, reason: '' } as const

const understood: readonly (readonly [written: string, command: AdminCommand])[] = [
  ['', { name: 'help' }],
  ['help deploy', { name: 'help' }],
  ['?', { name: 'help' }],
  ['status', { name: 'status' }],
  ['status dev', { name: 'status', environment: 'dev' }],
  ['versions', { name: 'versions' }],
  ['DEPLOY Prod', deploy],
  ['deploy prod --version 7', { ...deploy, version: '7' }],
  ['deploy --version=v007 prod', { ...deploy, version: '7' }],
  ['deploy prod --dry-run', { ...deploy, isDryRun: true }],
  ['deploy prod —dry-run', { ...deploy, isDryRun: true }],
  ['deploy prod --reason new prompts --approve', { ...deploy, approves: true, reason: 'new prompts' }],
  ['deploy prod --reason "keep --approve out of it"', { ...deploy, reason: 'keep --approve out of it' }],
  ['deploy prod --reason “new   prompts”', { ...deploy, reason: 'new prompts' }],
  ["deploy prod --reason it's broken", { ...deploy, reason: "it's broken" }],
  ['rollback prod', rollback],
  ['rollback prod --to 6 --reason numbers are wrong', { ...rollback, version: '6', reason: 'numbers are wrong' }],
  ['rollback prod --dry-run', { ...rollback, isDryRun: true }],
  ['diff dev --to 3', { name: 'diff', environment: 'dev', version: '3' }],
  ['lock prod board meeting today', { name: 'lock', environment: 'prod', reason: 'board meeting today' }],
  ['lock prod --reason "board meeting"', { name: 'lock', environment: 'prod', reason: 'board meeting' }],
  ['unlock prod', { name: 'unlock', environment: 'prod' }],
  ['approve prod', { name: 'approve', environment: 'prod' }],
  ['approve prod --plan 0123ABCD', { name: 'approve', environment: 'prod', plan: '0123abcd' }],
  ['deploy prod --accept-drift', { ...deploy, acceptsDrift: true }],
  ['smoke dev', { name: 'smoke', environment: 'dev' }],
  ['history dev', { name: 'history', environment: 'dev' }],
  ['cancel dev', { name: 'cancel', environment: 'dev' }],
]

const misunderstood: readonly (readonly [written: string, problem: RegExp])[] = [
  ['deplyo prod', /no command "deplyo": did you mean "deploy"\?/],
  ['stat', /did you mean "status"\?/],
  ['rolback prod', /did you mean "rollback"\?/],
  ['fly prod', /no command "fly": "help" lists them all/],
  ['deploy', /needs an environment: dev or prod/],
  ['deploy staging', /no environment "staging"\. There are dev, prod/],
  ['deploy prdo', /"prdo", did you mean "prod"\?/],
  ['deploy prod dev', /"dev" is too much: deploy ENV/],
  ['deploy prod --verison 7', /no option --verison: did you mean --version\?/],
  ['smoke dev --force', /no option --force: it takes none/],
  ['deploy prod --version', /--version needs a version behind it/],
  ['deploy prod --version latest', /--version is "latest", should be the number of a version/],
  ['deploy prod --version 0', /--version is "0"/],
  ['deploy prod --version -3', /--version is "-3"/],
  ['deploy prod --reason', /--reason needs a text/],
  ['deploy prod --dry-run=no', /--dry-run stands alone/],
  ['deploy prod --approve --approve', /--approve is there twice/],
  ['rollback prod --approve', /"rollback" has no option --approve/],
  ['lock prod', /needs a reason/],
  ['approve prod --plan newest', /--plan is "newest", should be the id of a plan/],
  ['approve prod --plan', /--plan needs the id of a plan/],
  ['versions prod', /"prod" is too much: "versions" stands alone/],
  [`lock prod ${'x'.repeat(301)}`, /has 301 characters, should have 300 at most/],
]

describe('parseCommand', () => {
  it.each(understood)('understands “%s”', (written, command) => {
    expect(parseCommand(written, environments)).toEqual({ command })
  })

  it.each(misunderstood)('answers “%s” in one line', (written, problem) => {
    const parsed = parseCommand(written, environments)

    expect(parsed).toEqual({ problem: expect.stringMatching(problem) as unknown })
    expect('problem' in parsed && parsed.problem).not.toMatch(/\n/)
  })

  it('reads back what it writes', () => {
    for (const [, command] of understood) {
      expect(parseCommand(commandToText(command), environments)).toEqual({ command })
    }
  })

  it('never throws, whatever is written', () => {
    const signs = ['deploy', 'prod', '--', '--reason', '=', '"', '“', '”', "'", '—', '7', '\n', '\u202E', '🚀', '--to=']
    let seed = 7
    const next = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return seed % below
    }
    for (let round = 0; round < 2000; round++) {
      const text = Array.from({ length: 1 + next(8) }, () => signs[next(signs.length)]).join(next(2) ? ' ' : '')
      const parsed = parseCommand(text, environments)
      expect('command' in parsed || parsed.problem.length > 0, text).toBe(true)
    }
  })
})

describe('commandWithin', () => {
  it.each([
    'deploy prdo',
    'Rollback prod',
    'approve prod --plan 0123abcd',
    'status',
    'status prod',
    'history dev',
    'lock prod board meeting',
    'diff prod --to 3',
    'cancel dev',
    'versions',
  ])('takes “%s” for a command', (text) => {
    expect(commandWithin(text, environments)).toBe(text)
  })

  it.each([
    '',
    'Revenue by region',
    'history of revenue in 2023',
    'Status of orders by region',
    'history dev costs by month',
    'deploying costs in 2023',
    'help',
    'cancel',
  ])('takes “%s” for something else', (text) => {
    expect(commandWithin(text, environments)).toBeUndefined()
  })

  it('takes whatever follows “/deckhand” for a command', () => {
    expect(commandWithin('/deckhand help', environments)).toBe('help')
    expect(commandWithin('/Deckhand  deplyo prod', environments)).toBe('deplyo prod')
    expect(commandWithin('deckhand revenue by region', environments)).toBeUndefined()
  })
})
