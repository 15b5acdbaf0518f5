import type { EnvironmentStatus, HistoryEntry, ReleaseResult, SmokeAnswer, WayBack } from '../../mlflow/release.ts'
import { type ModelVersion, versionTag } from '../../mlflow/registry.ts'
import type { AuditRecord } from './audit-log.ts'
import { planId } from './plan-text.ts'
import { stepInWords } from './release-progress.ts'

/** What releases tell, as lines of text without markup. Times of day are UTC. */

const logLinesShown = 15

export function resultToText(result: ReleaseResult): string {
  const { environment, version, kind } = result
  const what = version === undefined ? 'nothing of ours' : `version ${version}`
  if (result.outcome === 'released') {
    const done = kind === 'deploy' ? 'Released' : 'Rolled back'
    return [`${done}: ${environment} serves ${what}.`, ...result.warnings.map((each) => `Mind: ${each}`)].join('\n')
  }
  const tail = result.logTail.trim()
  return [
    result.outcome === 'returned'
      ? `Not released: ${environment} serves what it served before.`
      : `Not finished: ${environment} is still on its way back. The next command there goes on with it.`,
    `${stepInWords(result.failedStep)}: ${result.userMessage}`,
    ...(tail === ''
      ? []
      : [
          'The end of the log:',
          ...tail
            .split('\n')
            .slice(-logLinesShown)
            .map((line) => `  ${line}`),
        ]),
  ].join('\n')
}

export function wayBackToText(environment: string, { from, to }: WayBack): string {
  const name = (version: string | undefined): string =>
    version === undefined ? 'nothing of ours' : `version ${version}`
  return `A rollback of ${environment} puts back ${name(to)} for ${name(from)}. Nothing was changed.`
}

export function statusToText(environments: readonly EnvironmentStatus[]): string {
  return environments.map(environmentToText).join('\n\n')
}

function environmentToText(status: EnvironmentStatus): string {
  const { environment, endpointName, endpoint, serving, champion, previous, lock, running } = status
  const state = endpoint
    ? `${endpoint.isReady ? 'ready' : 'not ready'}${endpoint.update === 'none' ? '' : `, last change ${endpoint.update}`}`
    : 'not there yet'
  const traffic = serving.map(({ version, trafficPercent }) => `version ${version} ${trafficPercent} %`).join(', ')
  return [
    `${environment}: ${endpointName} is ${state}`,
    `  Serves    ${traffic || 'nothing of ours'}`,
    `  Aliases   champion ${champion ?? '–'}, previous ${previous ?? '–'}`,
    ...status.drift.map((change) => `  By hand   ${change}`),
    ...(lock ? [`  Locked    by ${lock.who.name} since ${clockTime(lock.at)}: ${lock.reason}`] : []),
    ...(running
      ? [
          `  Running   ${running.releaseId}, ${running.kind} by ${running.who.name} since ${clockTime(running.startedAt)}` +
            `${running.direction === 'back' ? ', turning back' : ''}${running.isHeld ? '' : ', waits to be resumed'}`,
        ]
      : []),
    ...status.plans.map(
      ({ plan, approval }) =>
        `  Plan      ${planId(plan)} by ${plan.who.name}: version ${plan.facts.version ?? 'new'}, ` +
        (approval
          ? `approved by ${approval.who.name}`
          : `${plan.needsApproval ? 'waits for approval' : 'planned'} until ${clockTime(plan.expiresAt)}`),
    ),
    ...status.last.slice(0, 3).map((entry) => `  Before    ${historyLine(entry)}`),
    `  Page      ${status.endpointLink}`,
  ].join('\n')
}

/** `refused`: attempts that came to nothing. */
export function historyToText(
  environment: string,
  entries: readonly HistoryEntry[],
  refused: readonly AuditRecord[],
): string {
  return [
    ...(entries.length === 0 ? [`Nothing was released to ${environment} yet.`] : entries.map(historyLine)),
    ...refused.map(
      ({ at, identity, command, why }) =>
        `${clockTime(at)} refused ${identity}: ${command} (${why.replace(/\.$/, '')})`,
    ),
  ].join('\n')
}

function historyLine(entry: HistoryEntry): string {
  const { kind, outcome, endedAt, version, from, who, approvedBy, reason, failure } = entry
  const change = `version ${from ?? '–'} → ${version ?? '–'}`
  const approved = approvedBy && approvedBy.id !== who.id ? `, approved by ${approvedBy.name}` : ''
  const how = outcome === 'released' ? '' : ` – returned${failure ? ` (${stepInWords(failure.failedStep)})` : ''}`
  return `${clockTime(endedAt)} ${kind} ${change} by ${who.name}${approved}${how}${reason === '' ? '' : `: ${reason}`}`
}

export function versionsToText(modelName: string, versions: readonly ModelVersion[]): string {
  if (versions.length === 0) return `${modelName} has no version yet: ./deckhand register makes the first.`
  return versions
    .map(({ version, status, createdAt, tags, aliases }) => {
      const passed = tags[versionTag.evaluationPassed]
      const facts = [
        `commit ${tags[versionTag.commit]?.slice(0, 9) ?? '?'}`,
        ...(createdAt > 0 ? [clockTime(createdAt)] : []),
        ...(tags[versionTag.registeredBy] ? [`by ${tags[versionTag.registeredBy]}`] : []),
        ...(passed === undefined ? [] : [`passed ${passed}`]),
        ...aliases,
        ...(status === 'ready' ? [] : [status]),
      ]
      return `${version}  ${facts.join(', ')}`
    })
    .join('\n')
}

export function smokeToText(environment: string, answers: readonly SmokeAnswer[]): string {
  const bad = answers.filter(({ problem }) => problem !== undefined)
  return [
    bad.length === 0
      ? `${environment} answers all ${answers.length} questions of the smoke test.`
      : `${environment} fails ${bad.length} of ${answers.length} questions of the smoke test.`,
    ...answers.map(
      ({ question, problem, slideCount, tookMs, traceUrl }) =>
        `${problem === undefined ? '✓' : '✗'} ${question}: ` +
        `${problem ?? `${slideCount} slides in ${(tookMs / 1000).toFixed(1)} s`}${traceUrl === '' ? '' : ` ${traceUrl}`}`,
    ),
  ].join('\n')
}

/** "2026-11-23 17:00 UTC" */
export function clockTime(at: number): string {
  const iso = new Date(at).toISOString()
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`
}
