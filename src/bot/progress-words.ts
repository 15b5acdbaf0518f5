import type { Stage } from '../agent/events.ts'

/** The stages of a turn, as a person would tell them. */
export const stageWords: Readonly<Record<Stage, string>> = {
  intent_analysis: 'Reading the question',
  tool_execution_loop: 'Asking Genie',
  tool_synthesis: 'Summing up',
  narrative_construction: 'Planning the deck',
  html_generation: 'Writing slides',
  render: 'Making the files',
}

const genieWords: Readonly<Record<string, string>> = {
  SUBMITTED: 'question sent',
  FETCHING_METADATA: 'reading the data model',
  FILTERING_CONTEXT: 'choosing tables',
  ASKING_AI: 'writing SQL',
  PENDING_WAREHOUSE: 'waiting for the warehouse',
  EXECUTING_QUERY: 'running the query',
  ENDPOINT_WAKES_UP: 'the agent’s endpoint wakes up …',
  WAITING_FOR_ENDPOINT: 'waiting for the agent’s endpoint …',
}

/** What Genie, or the endpoint that asks it, is doing; `waitMs` while the questions of others hold this one back. */
export function queryStatusInWords(status: string, waitMs?: number): string {
  if (waitMs !== undefined) return `others are asking too, waiting ${Math.ceil(waitMs / 1000)} s`
  return genieWords[status] ?? 'working'
}
