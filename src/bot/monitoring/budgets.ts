import type { Usage } from '../../agent/events.ts'
import type { Clock } from '../../lib/clock.ts'
import { durationInWords } from '../../lib/duration.ts'
import { DeckhandError, describeError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import type { Lease } from '../mailbox.ts'
import type { IncomingMessage } from '../message.ts'
import { scopes, type Scope, type Spending } from './spending.ts'

/** Why a turn ended that a budget did not allow. */
export const overBudget = 'over-budget'

/** The day's money is spent. */
export class BudgetError extends DeckhandError {
  override readonly name = 'BudgetError'
  readonly code = overBudget
  readonly scope: Scope

  constructor(scope: Scope, message: string, userMessage: string) {
    super(message, { userMessage })
    this.scope = scope
  }
}

export interface BudgetSettings {
  /** US dollars a day for each workspace, channel and person; 0: no limit. */
  readonly usdPerDay: Readonly<Record<Scope, number>>
  /** Where days begin and end. */
  readonly timeZone: string
  /** Whom people are to ask for more: "your administrator". */
  readonly contact: string
}

export interface BudgetDeps {
  readonly settings: BudgetSettings
  readonly spending: Spending
  readonly clock: Clock
  readonly log: Logger
}

/** Books what turns cost, and says no when the day's money is spent. */
export interface Budgets {
  /** Before a turn is begun. @throws BudgetError whose `userMessage` is for the person who asked */
  check(message: IncomingMessage): Promise<void>
  /**
   * Before each of a running turn's calls to the chat model. Turns that run side by side see each other's spending, so
   * that together they go over a limit by a call each at most. Throws BudgetError, too.
   */
  beforeCall(message: IncomingMessage, lease: Pick<Lease, 'write'>, spent: Usage): Promise<void>
  /** What a turn that came to no end of its own is known to have cost, in US dollars. */
  spentSoFar(message: IncomingMessage): Promise<number>
  /** What is written together with the end of a turn that cost so much. */
  toEnd: Spending['toEnd']
}

/** For where nothing is booked. */
export const noBudgets: Budgets = {
  check: () => Promise.resolve(),
  beforeCall: () => Promise.resolve(),
  spentSoFar: () => Promise.resolve(0),
  toEnd: () => ({ writes: [], additions: [] }),
}

export function createBudgets(deps: BudgetDeps): Budgets {
  const { settings, spending, log } = deps
  const limited = scopes.filter((scope) => settings.usdPerDay[scope] > 0)

  async function check(message: IncomingMessage, when: 'before' | 'between'): Promise<void> {
    if (limited.length === 0) return
    const spent = await spending.of(message)
    const over = limited.find((scope) => spent[scope] >= settings.usdPerDay[scope])
    if (!over) return
    const limit = settings.usdPerDay[over]
    throw new BudgetError(
      over,
      `The ${over} has spent $${spent[over].toFixed(4)} today, and budgets.${over}_usd_per_day is ${limit}`,
      overBudgetWords(over, when, deps),
    )
  }

  return {
    check: (message) => check(message, 'before'),
    async beforeCall(message, lease, { costUsd }) {
      try {
        if (costUsd > 0) await lease.write(spending.toRunning(message, costUsd))
        await check(message, 'between')
      } catch (error) {
        if (error instanceof BudgetError) throw error
        // An answer is worth more than a limit that cannot be read right now. The end books what was spent.
        log.debug({ turn: message.id, error: describeError(error) }, 'The budget could not be looked at')
      }
    },
    spentSoFar: (message) => spending.running(message),
    toEnd: (message, usd) => spending.toEnd(message, usd),
  }
}

const wholes: Readonly<Record<Scope, (usd: string) => string>> = {
  person: (usd) => `you have used the ${usd} a day that one person may spend on answers here`,
  channel: (usd) => `this channel has used the ${usd} a day that one channel may spend on answers`,
  workspace: (usd) => `everyone here together has used the ${usd} a day that may be spent on answers`,
}

/** What the person reads: what happened, who decided it, when it is over, what can be done before that. */
function overBudgetWords(scope: Scope, when: 'before' | 'between', { settings, spending, clock }: BudgetDeps): string {
  const what = wholes[scope](dollars(settings.usdPerDay[scope]))
  const { endsAt } = spending.today()
  const reset = `It starts again at ${hourIn(endsAt, settings.timeZone)}, in ${durationInWords(endsAt - clock.now())}.`
  const elsewhere = scope === 'channel' ? 'Until then you can ask me in another channel, or ask' : 'Until then, ask'
  return [
    when === 'before' ? `I cannot answer this today: ${what}.` : `I had to stop here: ${what}.`,
    reset,
    `${elsewhere} ${settings.contact}, who set this limit, for more.`,
    'Decks you already have stay as they are.',
  ].join(' ')
}

function dollars(usd: number): string {
  return `$${usd < 0.01 ? String(usd) : usd.toFixed(2)}`
}

/** "00:00 (Europe/Zurich)". */
function hourIn(at: number, timeZone: string): string {
  const time = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(at)
  return `${time} (${timeZone})`
}
