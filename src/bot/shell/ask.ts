import { constants } from 'node:fs'
import { access, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Agent } from '../../agent/agent.ts'
import type { TurnOutcome } from '../../agent/events.ts'
import { DeckhandError } from '../../lib/errors.ts'
import type { Format, RenderedFile } from '../../render/renderer.ts'
import type { Conversations } from '../conversation.ts'
import { encodeThreadId } from '../thread.ts'
import { parseRequest, type AskDefaults, type AskRequest } from './ask-request.ts'
import type { Display } from './display.ts'

/** The files cannot be put where the person wants them. */
export class ShellError extends DeckhandError {
  override readonly name = 'ShellError'
  readonly code: 'bad-folder'

  constructor(code: ShellError['code'], userMessage: string, cause?: unknown) {
    super(userMessage, { userMessage, cause })
    this.code = code
  }
}

export interface AskDeps {
  readonly agent: Agent
  readonly conversations: Pick<Conversations, 'load' | 'save' | 'deck'>
  readonly user: string
  readonly now: () => Date
  readonly newId: () => string
  readonly defaults: AskDefaults
}

/** What `ask --json` prints, as promised in docs and design: one object, file names relative to `out`. */
export interface AskResult {
  readonly answer: string
  readonly status: TurnOutcome['status']
  readonly slide_count: number
  /** Folder of the files, absolute. */
  readonly out: string
  readonly files: {
    html?: string
    pdf?: string
    pptx?: string
    xlsx?: string
    png?: string[]
    thumbnail?: string[]
    overview?: string
    csv?: string[]
  }
  readonly numbers: { readonly total: number; readonly verified: number }
  readonly sql: readonly string[]
  readonly suggestions: readonly string[]
  readonly genie_conversation_id: string
  readonly trace_id: string
  readonly trace_url: string
  readonly run_id: string
  readonly timings_ms: { readonly first_answer: number; readonly deck: number; readonly total: number }
  readonly tokens: { readonly input: number; readonly output: number }
  readonly cost_usd: number
  /** One word when the turn failed; '' otherwise. */
  readonly error: string
}

/**
 * One question from the shell: runs the turn, shows what happens, writes the files, remembers the thread.
 * @throws UsageError for input that no turn can be made of, ShellError for a folder that cannot be written (before the
 *   question is put, where that can be known), RedisError
 */
export async function ask(
  request: AskRequest,
  deps: AskDeps,
  display: Display,
  signal: AbortSignal,
): Promise<AskResult> {
  const { question, spaceId, maxSlides, formats } = parseRequest(request, deps.defaults)
  const id = deps.newId()
  const folder = resolve(request.out ?? `deck-${timestamp(deps.now())}`)
  await checkFolder(folder, request.out !== undefined)
  const thread = encodeThreadId({ platform: 'cli', tenant: deps.user, channel: 'shell', root: request.thread ?? id })
  const memory = await deps.conversations.load(thread)

  const files: RenderedFile[] = []
  let outcome: TurnOutcome | undefined
  const turn = {
    id,
    question,
    spaceId,
    maxSlides,
    formats,
    sessionId: thread,
    userId: deps.user,
    platform: 'cli',
    memory,
    earlierDeck: (version: number) => deps.conversations.deck(thread, version),
  }
  for await (const event of deps.agent.answer(turn, signal)) {
    display.show(event)
    if (event.type === 'file') files.push(event.file)
    if (event.type === 'done') outcome = event.outcome
  }
  if (!outcome) throw new Error('The agent ended a turn without an outcome')

  // A stopped turn leaves nothing. One whose pictures failed has its document all the same.
  const out = outcome.status === 'stopped' || files.length === 0 ? folder : await writeFiles(folder, files, request)
  if (outcome.status === 'answered' || outcome.status === 'clarify') {
    await deps.conversations.save(thread, outcome.memory)
  }
  return toResult(outcome, outcome.status === 'stopped' ? [] : files, out, await outcome.runId)
}

function toResult(outcome: TurnOutcome, files: readonly RenderedFile[], out: string, runId: string): AskResult {
  const named = (format: Format): string[] => files.filter((file) => file.format === format).map((file) => file.name)
  const [html] = named('html')
  const [pdf] = named('pdf')
  const [pptx] = named('pptx')
  const [xlsx] = named('xlsx')
  const png = named('png')
  const thumbnail = named('thumbnail')
  const [overview] = named('overview')
  const csv = named('csv')
  return {
    answer: outcome.answer,
    status: outcome.status,
    slide_count: outcome.deck?.slides.length ?? 0,
    out,
    files: {
      ...(html ? { html } : {}),
      ...(pdf ? { pdf } : {}),
      ...(pptx ? { pptx } : {}),
      ...(xlsx ? { xlsx } : {}),
      ...(png.length > 0 ? { png } : {}),
      ...(thumbnail.length > 0 ? { thumbnail } : {}),
      ...(overview ? { overview } : {}),
      ...(csv.length > 0 ? { csv } : {}),
    },
    numbers: { total: outcome.numbers.total, verified: outcome.numbers.verified },
    sql: outcome.sql,
    suggestions: outcome.suggestions,
    genie_conversation_id: outcome.memory.genieConversationId ?? '',
    trace_id: outcome.traceId,
    trace_url: outcome.traceUrl,
    run_id: runId,
    timings_ms: {
      first_answer: Math.round(outcome.timingsMs.firstAnswer),
      deck: Math.round(outcome.timingsMs.deck),
      total: Math.round(outcome.timingsMs.total),
    },
    tokens: { input: outcome.usage.inputTokens, output: outcome.usage.outputTokens },
    cost_usd: Number(outcome.usage.costUsd.toFixed(6)),
    error: outcome.errorCode,
  }
}

/** Fails before any question is put when the files could not be written afterwards. */
async function checkFolder(folder: string, isNamed: boolean): Promise<void> {
  try {
    if (isNamed) await mkdir(folder, { recursive: true })
    await access(isNamed ? folder : resolve('.'), constants.W_OK)
  } catch (error) {
    throw badFolder(folder, error)
  }
}

/** Writes the files and gives back the folder they are in: a folder of our own naming is always a new one. */
async function writeFiles(folder: string, files: readonly RenderedFile[], request: AskRequest): Promise<string> {
  try {
    const out = request.out === undefined ? await makeNewFolder(folder) : folder
    await Promise.all(files.map((file) => writeFile(join(out, file.name), file.bytes)))
    await removeOlder(out, files)
    return out
  } catch (error) {
    throw badFolder(folder, error)
  }
}

/** Two commands may start within one second. */
async function makeNewFolder(folder: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? folder : `${folder}-${number}`
    try {
      await mkdir(candidate)
      return candidate
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
  }
}

const numberedFiles: Partial<Record<Format, RegExp>> = {
  png: /^slide-\d+\.png$/,
  thumbnail: /^thumbnail-\d+\.png$/,
  csv: /^T\d+\.csv$/,
}

/** What an earlier, longer deck left in the folder under the next numbers would pass for a part of this one. */
async function removeOlder(folder: string, files: readonly RenderedFile[]): Promise<void> {
  const written = new Set(files.map((file) => file.name))
  const patterns = new Set(files.map((file) => numberedFiles[file.format]))
  const older = (await readdir(folder)).filter(
    (name) => !written.has(name) && [...patterns].some((pattern) => pattern?.test(name)),
  )
  await Promise.all(older.map((name) => rm(join(folder, name))))
}

function badFolder(folder: string, cause: unknown): ShellError {
  return new ShellError('bad-folder', `Cannot write to the folder ${folder}. Choose another one with --out.`, cause)
}

function timestamp(now: Date): string {
  return now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
}
