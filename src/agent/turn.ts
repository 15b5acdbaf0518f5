import type { Genie } from './genie/genie.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import type { Span, Tracer } from '../mlflow/tracing.ts'
import type { Deck, NumberCount, Slide } from '../render/deck.ts'
import type { Fact } from '../render/fact.ts'
import { needsBrowser, type Renderer } from '../render/renderer.ts'
import type { CallLlm } from './call-llm.ts'
import type { ChatModel } from './chat-model/chat-model.ts'
import type { AgentEvent, Stage, ThreadMemory, Turn, TurnStatus } from './events.ts'
import { evidenceOf, type Evidence } from './evidence.ts'
import { countNumbers, sanitizeText } from './grounding.ts'
import { analyzeIntent, type Intent } from './intent.ts'
import { outlineDeck } from './narrative.ts'
import type { Prompts } from './prompts.ts'
import { createPreviews } from './previews.ts'
import type { RunReport } from './run-report.ts'
import { createGenieSession, type GenieSession, type QueryResult } from './query-genie.ts'
import { refineDeck, type Refined } from './refine.ts'
import { freeTableNumber } from './refine/add-slide.ts'
import type { CheckedSlide } from './slide-draft.ts'
import { writeSlides } from './slides.ts'
import { explain, synthesize } from './synthesis.ts'
import { needsData, startToolLoop, type Gathered } from './tool-loop.ts'
import { plainText } from './turn-as-text.ts'

export interface TurnDeps {
  readonly chatModel: ChatModel
  readonly genie: Genie
  readonly renderer: Renderer
  readonly tracer: Tracer
  readonly callLlm: CallLlm
  readonly report: RunReport
  readonly prompts: Prompts
  readonly clock: Clock
  readonly log: Logger
  readonly maxToolIterations: number
  readonly sampleRows: number
  readonly unverified: 'mark' | 'block'
  readonly language: string
  readonly theme: string
  /** Where this turn is recorded; '' when it is not. */
  readonly traceUrl: string
}

/** What one turn came to, before the trace's ids and the total time are added. */
export interface TurnResult {
  readonly status: TurnStatus
  readonly answer: string
  readonly deck?: Deck
  readonly numbers: NumberCount
  readonly sql: readonly string[]
  readonly suggestions: readonly string[]
  readonly memory: ThreadMemory
  readonly firstAnswerMs: number
  readonly deckMs: number
}

const noNumbers: NumberCount = { total: 0, verified: 0 }
const mostRememberedTurns = 20

/**
 * The steps of one turn, top to bottom. What can run at once does: Genie beside the intent on a thread's first question,
 * the answer in words beside the storyline, all slides beside each other.
 * @throws GenieError, ChatModelError, RenderError, or the signal's reason
 */
export async function runTurn(
  turn: Turn,
  configured: TurnDeps,
  emit: (event: AgentEvent) => void,
  root: Span,
  signal: AbortSignal,
): Promise<TurnResult> {
  const { language = configured.language, theme = configured.theme } = turn.memory
  const deps = { ...configured, language, theme }
  const startedAt = deps.clock.now()
  const elapsedMs = (): number => deps.clock.now() - startedAt
  const stageDeps = { ...deps, maxIterations: deps.maxToolIterations }
  let firstAnswerMs = 0
  let deckMs = 0

  const spaceTitle = deps.genie.getSpace(turn.spaceId, signal).then((space) => space.title)
  spaceTitle.catch(() => undefined)
  const intent = stage('intent_analysis', async () => analyzeIntent(turn, await spaceTitle, stageDeps, signal))
  intent.then((read) => deps.report.intent(read)).catch(() => undefined)

  const ahead = isAskedAhead(turn)
  if (!ahead) {
    const read = await intent
    if (!needsData(read)) return withoutData(read)
  }
  // Genie takes its time: by then the browser is up. Should it not start, the rendering says why.
  if (needsBrowser(turn.formats)) deps.renderer.warm(signal).catch(() => undefined)
  const loop = startToolLoop(
    turn,
    spaceTitle,
    intent,
    ahead,
    (evidence) => stage('tool_synthesis', () => synthesize(turn, evidence, stageDeps, signal)),
    stageDeps,
    (event) => {
      if (event.type === 'first-answer') firstAnswerMs = elapsedMs()
      emit(event)
    },
    signal,
  )
  const gathered = await stage('tool_execution_loop', () => loop.gathered)
  const read = await intent
  if (gathered.kind === 'not-needed') return withoutData(read)

  const sql = loop.session.results.flatMap((result) => (result.table ? [result.table.sql] : []))
  const genieSuggestions = loop.session.results.at(-1)?.answer.suggestions ?? []
  const conversationId = loop.session.conversationId()
  const genieMemory = {
    spaceId: turn.spaceId,
    ...(conversationId === undefined ? {} : { genieConversationId: conversationId }),
  }
  if (gathered.kind !== 'data') return withoutDeck(gathered)
  deps.report.evidence(gathered.evidence)

  const deck = await composeDeck(read, gathered.evidence)
  deckMs = elapsedMs()
  emit({ type: 'deck', deck })
  const [answer] = await Promise.all([loop.finished, renderDeck(deck)])
  const inAnswer = answer?.numbers ?? noNumbers
  if (answer) deps.report.wrote({ text: answer.text, facts: [...deck.facts, ...answer.facts] })
  const onSlides = countNumbers(deck)
  const words = plainText(answer?.text.length ? answer.text : gathered.headline, {
    facts: [...deck.facts, ...(answer?.facts ?? [])],
    language: deps.language,
  })
  return finish({
    status: 'answered',
    answer: words,
    deck,
    numbers: { total: onSlides.total + inAnswer.total, verified: onSlides.verified + inAnswer.verified },
    sql,
    suggestions: genieSuggestions.length > 0 ? genieSuggestions : (answer?.suggestions ?? []),
    memory: { ...turn.memory, ...genieMemory, deck },
  })

  async function composeDeck(wanted: Intent, evidence: Evidence): Promise<Deck> {
    const outline = await stage('narrative_construction', () => outlineDeck(turn, wanted, evidence, stageDeps, signal))
    deps.report.outline(outline, evidence)
    const title = evidence.grounder.text(outline.title)
    const head = linked<Omit<Deck, 'slides'>>({
      schemaVersion: 1,
      id: turn.id,
      version: (turn.memory.deck?.version ?? 0) + 1,
      title: title.text.length > 0 ? title.text : [sanitizeText(turn.question)],
      question: sanitizeText(turn.question),
      language: deps.language,
      theme: deps.theme,
      createdAt: new Date(deps.clock.now()).toISOString(),
      provenance: `Powered by Genie · ${await spaceTitle} · ${deps.chatModel.name}`,
      ...(deps.traceUrl === '' ? {} : { traceUrl: deps.traceUrl }),
      tables: [...evidence.tables],
      facts: [...evidence.sheet.facts, ...title.facts],
    })
    using previews = createPreviews(turn.formats, deps, emit, signal)
    const onSlide = ({ slide, facts }: CheckedSlide, index: number, total: number): void => {
      emit({ type: 'slide', index, total, slide })
      previews.draw({ ...head, facts: uniqueFacts([...head.facts, ...facts]) }, slide, index, total)
    }
    const written = await stage('html_generation', () =>
      writeSlides(turn, outline, evidence, stageDeps, onSlide, signal),
    )
    return {
      ...head,
      slides: written.slides,
      facts: uniqueFacts([...head.facts, ...written.facts]),
    }
  }

  /** With the address of just this version, where there is one. */
  function linked<T extends Pick<Deck, 'version'>>(deck: T): T & Pick<Deck, 'deckUrl'> {
    return turn.deckUrl ? { ...deck, deckUrl: turn.deckUrl(deck.version) } : deck
  }

  async function renderDeck(deck: Deck): Promise<void> {
    await stage('render', () =>
      deps.tracer.span('render', 'TOOL', { formats: [...turn.formats], slides: deck.slides.length }, async (span) => {
        let bytes = 0
        let files = 0
        for await (const file of deps.renderer.render(deck, turn.formats, signal)) {
          bytes += file.bytes.byteLength
          files += 1
          emit({ type: 'file', file })
        }
        span.setOutputs({ files, bytes, pages: deck.slides.length })
      }),
    )
  }

  /** Rows were looked for and not found, or Genie answered in words: no deck is invented. */
  function withoutDeck(found: Gathered & { readonly kind: 'empty' | 'words' }): TurnResult {
    const memory = { ...turn.memory, ...genieMemory }
    if (found.kind === 'words') {
      const text = sanitizeText(found.text) || 'The data space gave no answer. Please put the question differently.'
      return finish({
        status: found.asksBack ? 'clarify' : 'answered',
        answer: text,
        sql,
        suggestions: genieSuggestions,
        memory,
      })
    }
    const reading = sanitizeText(found.text) || found.table.title
    const answer = `No data matches this question, so there is no deck. I read it as: ${reading}. Try another period or fewer filters.`
    return finish({ status: 'answered', answer, sql, suggestions: genieSuggestions, memory })
  }

  /** Messages that need no rows: small talk, what we do not do, the deck or answer that is already there. */
  async function withoutData(wanted: Intent): Promise<TurnResult> {
    const { deck } = turn.memory
    if (wanted.kind === 'deck_change' && deck) return changeDeck(deck)
    if (wanted.kind === 'about_answer' && deck) {
      const evidence = evidenceOf(deck, turn, deps)
      const answer = await stage('tool_synthesis', () => explain(turn, evidence, stageDeps, signal))
      deps.report.wrote({ text: answer.text, facts: [...deck.facts, ...answer.facts] })
      const text = plainText(answer.text, { facts: [...deck.facts, ...answer.facts], language: deps.language })
      return finish({
        status: 'answered',
        answer: text,
        numbers: answer.numbers,
        sql: queriesOf(deck),
        suggestions: answer.suggestions,
      })
    }
    const status = wanted.kind === 'out_of_scope' ? 'refused' : 'answered'
    const reply =
      sanitizeText(wanted.reply) ||
      `I answer questions about the data in ${await spaceTitle}. What would you like to know?`
    return finish({ status, answer: reply })
  }

  /** The deck that is there, changed by words; slides that need rows it does not have get them from Genie. */
  async function changeDeck(deck: Deck): Promise<TurnResult> {
    const session = createGenieSession(turn, deps, emit, () => undefined, freeTableNumber(deck))
    const refined = await rewriteSlides(deck, session)
    const conversationId = session.conversationId()
    const remembered = {
      ...turn.memory,
      ...(conversationId === undefined ? {} : { spaceId: turn.spaceId, genieConversationId: conversationId }),
    }
    const sql = session.results.flatMap((result) => (result.table ? [result.table.sql] : []))
    const answer = [refined.reply, ...refined.problems].map(sanitizeText).filter(Boolean).join(' ')
    if (!refined.deck) {
      const askBack = 'I did not see what to change. Which slide, and what should it show?'
      return finish({ status: 'clarify', answer: answer || askBack, sql, memory: remembered })
    }
    const changed = linked(refined.deck)
    deckMs = elapsedMs()
    emit({ type: 'deck', deck: changed })
    await renderDeck(changed)
    return finish({
      status: 'answered',
      answer: answer || 'The deck is changed.',
      deck: changed,
      numbers: countNumbers(changed),
      sql: queriesOf(changed),
      memory: { ...remembered, deck: changed, language: changed.language, theme: changed.theme },
    })
  }

  async function rewriteSlides(deck: Deck, session: GenieSession): Promise<Refined> {
    const evidence = evidenceOf(deck, turn, deps)
    using previews = createPreviews(turn.formats, deps, emit, signal)
    const onSlide = (slide: Slide, index: number, total: number, head: Omit<Deck, 'slides'>): void => {
      emit({ type: 'slide', index, total, slide })
      previews.draw(head, slide, index, total)
    }
    const askGenie = (query: string): Promise<QueryResult> =>
      stage('tool_execution_loop', () =>
        deps.tracer.span('tool_execution_loop', 'AGENT', { question: query }, (span) => {
          span.setAttributes({ tool_iterations: 1 })
          return session.ask(query, signal)
        }),
      )
    const earlierDeck = turn.earlierDeck ?? (async () => undefined)
    const refineDeps = { ...stageDeps, askGenie, earlierDeck }
    return await stage('html_generation', () => refineDeck(turn, deck, evidence, refineDeps, onSlide, signal))
  }

  async function stage<T>(name: Stage, run: () => Promise<T>): Promise<T> {
    emit({ type: 'stage-start', stage: name })
    let ok = false
    try {
      const value = await run()
      ok = true
      return value
    } finally {
      emit({ type: 'stage-end', stage: name, ok })
    }
  }

  function finish(result: Partial<TurnResult> & Pick<TurnResult, 'status' | 'answer'>): TurnResult {
    const memory = result.memory ?? turn.memory
    const transcript = transcriptWith(turn, result.answer, memory.transcript)
    const numbers = result.numbers ?? noNumbers
    // The answer first: MLflow's page shows a session with one output of each turn, and folds the rest away.
    root.setOutputs({
      answer: result.answer,
      status: result.status,
      slide_count: result.deck?.slides.length ?? 0,
      numbers_total: numbers.total,
      numbers_verified: numbers.verified,
    })
    deps.report.answered({ ...result, numbers })
    return {
      numbers,
      sql: [],
      suggestions: [],
      ...result,
      memory: { ...memory, transcript },
      firstAnswerMs,
      deckMs,
    }
  }
}

const greeting = /^\s*(hi|hello|hey|thanks|thank you|good (morning|evening|afternoon))\b/i
/** Wishes about the deck itself: Genie must get the question without them, and only the intent can take them out. */
const aboutTheDeck = /\b(slides?|decks?|presentations?|powerpoint)\b/i

/**
 * A thread's first message goes to Genie in the person's own words while the intent is still being read, unless it plainly
 * is no question, or not only one: asking costs one of the few questions a minute that everyone shares.
 */
function isAskedAhead(turn: Turn): boolean {
  const { question, memory } = turn
  if (memory.transcript.length > 0 || greeting.test(question) || aboutTheDeck.test(question)) return false
  return question.trim().split(/\s+/).length >= 3
}

/** The thread's transcript after this turn; the oldest turns are forgotten. */
export function transcriptWith(
  { question, memory }: Pick<Turn, 'question' | 'memory'>,
  answer: string,
  transcript: ThreadMemory['transcript'] = memory.transcript,
): ThreadMemory['transcript'] {
  return [...transcript, { question, answer }].slice(-mostRememberedTurns)
}

/** What a deck rests on, also when nothing was asked anew. */
export function queriesOf(deck: Deck): string[] {
  return [...new Set(deck.tables.map((table) => table.sql))]
}

function uniqueFacts(facts: readonly Fact[]): Fact[] {
  const byId = new Map<string, Fact>()
  for (const fact of facts) if (!byId.has(fact.id)) byId.set(fact.id, fact)
  return [...byId.values()]
}
