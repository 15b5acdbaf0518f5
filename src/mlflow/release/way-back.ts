import { configFor } from './configs.ts'
import type { HistoryEntry, ServedState } from './operation.ts'
import { ReleaseError } from './release-error.ts'
import type { World } from './world.ts'
import type { ReleaseEnvironment } from './environment.ts'

/** Where a rollback leads, and what is behind that. */
export interface FoundWayBack {
  readonly goal: ServedState
  readonly wayBackAfter: readonly ServedState[]
}

/** Earlier states that can be gone back to, one by one. */
const mostWayBack = 20

/**
 * Without `to` the state before the present one, so that going back twice leads two states back. With it, the last state
 * that served that version: only what has served here can be gone back to, because nobody approves a rollback.
 * @throws ReleaseError `nothing-before`, `nothing-to-do`
 */
export function findWayBack(
  environment: ReleaseEnvironment,
  {
    world,
    history,
    modelName,
    to,
  }: {
    readonly world: World
    readonly history: readonly HistoryEntry[]
    readonly modelName: string
    readonly to: string | undefined
  },
): FoundWayBack {
  const wayBack = world.record?.wayBack ?? []
  if (to === undefined) {
    const [goal, ...wayBackAfter] = wayBack
    if (goal) return { goal, wayBackAfter }
  } else {
    if (world.version === to && world.drift.length === 0 && world.endpoint?.isReady === true) {
      throw new ReleaseError('nothing-to-do', `Version ${to} serves ${environment.name} already`)
    }
    const index = wayBack.findIndex(({ version }) => version === to)
    const goal = wayBack[index]
    if (goal) return { goal, wayBackAfter: wayBack.slice(index + 1) }
    const entry = history.find(({ outcome, served }) => outcome === 'released' && served?.version === to)
    if (entry?.served) return { goal: entry.served, wayBackAfter: withState(world.served, wayBack) }
  }
  // Redis may have lost what it knew; the alias has not.
  const { previous } = world.aliases
  if (environment.movesAliases && previous !== null && previous !== world.version && (to ?? previous) === previous) {
    const goal: ServedState = {
      version: previous,
      config: configFor(previous, modelName, environment.entitySettings),
      aliases: { champion: previous, previous: null },
    }
    return { goal, wayBackAfter: withState(world.served, wayBack) }
  }
  throw new ReleaseError(
    'nothing-before',
    to === undefined
      ? `Nothing is known that served ${environment.name} before`
      : `Version ${to} has never served ${environment.name}; deploy it instead`,
  )
}

/** The way back with one more state on top. */
export function withState(state: ServedState | null, wayBack: readonly ServedState[]): readonly ServedState[] {
  return state ? [state, ...wayBack].slice(0, mostWayBack) : wayBack
}
