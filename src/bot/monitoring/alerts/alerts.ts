import { describeError } from '../../../lib/errors.ts'
import type { Logger } from '../../../lib/log.ts'
import { afterLook, afterTelling, claim, offSince, titleOf, type AlertState } from './alert-state.ts'
import type { AlertStates, AlertStore } from './alert-store.ts'
import type { Announcer } from './announcer.ts'
import { alertNames, rules, type AlertName, type AlertSettings } from './rules.ts'
import type { Situation } from './situation.ts'

export interface AlertDeps {
  readonly store: AlertStore
  readonly settings: AlertSettings
  /** Everything that is judged, at this moment. */
  readonly look: () => Promise<Situation>
  readonly announcers: readonly Announcer[]
  /** dev, prod … */
  readonly environment: string
  /** Where docs/runbook.md can be read; '': nowhere but in the repository. */
  readonly runbookUrl: string
  readonly log: Logger
}

/**
 * One look at all alerts, unless another process has looked in this period: what begins or ends is logged and said once,
 * whatever processes look, fall over or start anew. Who falls over between saying something and noting that leaves it to
 * be said again.
 * → whether this process looked. @throws when Redis is away
 */
export async function lookAtAlerts(deps: AlertDeps): Promise<boolean> {
  const { store, settings, announcers, log } = deps
  const fence = await store.begin(settings.everyMs * 0.9)
  if (fence === undefined) return false
  const [before, situation] = await Promise.all([store.read(), deps.look()])
  const names = announcers.map(({ name }) => name)
  const after = new Map<AlertName, AlertState>()
  const claims: { readonly alert: AlertName; readonly announcer: Announcer }[] = []
  for (const alert of alertNames) {
    const seen = lookAt(alert, before.get(alert) ?? offSince(situation.at), situation, settings, names)
    const { state, claimed } = claim(seen, situation.at)
    after.set(alert, state)
    for (const announcer of announcers) if (claimed.includes(announcer.name)) claims.push({ alert, announcer })
  }
  if (!(await store.write(fence, after, situation.at))) return false // we were slow, and another has looked: it does the talking
  logChanges(before, after, log)

  for (const { alert, announcer } of claims) {
    const state = after.get(alert)
    if (!state) continue
    const isTold = await tell(alert, state, announcer, deps)
    after.set(alert, afterTelling(state, announcer.name, isTold))
  }
  if (claims.length > 0) await store.write(fence, after, situation.at)
  return true
}

function lookAt(
  alert: AlertName,
  before: AlertState,
  situation: Situation,
  settings: AlertSettings,
  announcers: readonly string[],
): AlertState {
  const limit = settings.limits[alert]
  const rule = rules[alert]
  // Who turns an alert off in the settings does not want to hear of it any more.
  if (limit === 0) return before.isOn ? offSince(situation.at) : before
  const verdict = rule.judge(situation, limit, settings, before.measure)
  return afterLook(before, verdict, { at: situation.at, holdMs: rule.holdMs(limit), announcers })
}

function logChanges(before: AlertStates, after: AlertStates, log: Logger): void {
  for (const [alert, state] of after) {
    const wasOn = before.get(alert)?.isOn ?? false
    if (state.isOn === wasOn) continue
    const { title, section } = rules[alert]
    const fields = { alert, seen: state.text, runbook: `docs/runbook.md#${section}` }
    if (state.isOn) log.error(fields, `Alert: ${title}`)
    else log.info(fields, `Alert is over: ${title}`)
  }
}

async function tell(alert: AlertName, state: AlertState, announcer: Announcer, deps: AlertDeps): Promise<boolean> {
  const { environment, runbookUrl, log } = deps
  const rule = rules[alert]
  try {
    await announcer.announce({
      isOn: state.isOn,
      title: titleOf(rule, environment),
      text: state.text,
      advice: rule.advice,
      runbook: `${runbookUrl || 'docs/runbook.md'}#${rule.section}`,
    })
    return true
  } catch (error) {
    log.warn(
      { alert, announcer: announcer.name, error: describeError(error) },
      'An alert could not be said, it is tried again',
    )
    return false
  }
}
