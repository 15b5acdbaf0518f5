import type { Reply, ReplyResult } from '../../src/bot/reply.ts'

/** Makes replies that no agent would, the same ones for the same seed: empty, huge, in any script, with any characters. */
export function createRandomReplies(seed: number): () => Reply {
  let state = seed
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const upTo = (most: number): number => Math.floor(random() ** 3 * (most + 1))
  const pick = <T>(...values: readonly [T, ...T[]]): T => values[Math.floor(random() * values.length)] ?? values[0]
  const chance = (of: number): boolean => random() < of
  const list = <T>(most: number, make: (index: number) => T): T[] =>
    Array.from({ length: upTo(most) }, (_, at) => make(at))

  const texts = [
    'a',
    'Revenue ',
    '<',
    '&',
    '>',
    '&amp;',
    '*',
    '`',
    '|',
    '\n',
    '\t',
    '😀',
    '\uD83D',
    '\u0000',
    '日本',
    ':x:',
    '<!here>',
    'https://a.test/',
    ' ',
  ]
  const text = (most: number): string => {
    if (chance(0.1)) return pick('', ' ', '\n', '…')
    const length = chance(0.1) ? most : upTo(most)
    let made = ''
    while (made.length < length) made += pick(...(texts as [string, ...string[]]))
    return made
  }
  const address = (): string =>
    pick(
      '',
      'x',
      'javascript:alert(1)',
      'https://deck.test/d/1',
      `https://deck.test/${'y'.repeat(4000)}`,
      'http://127.0.0.1:1/d?a=1&b=<2>|3',
    )
  const count = (): number => pick(0, 1, 2, 17, 1_000_000)
  const slidesCount = (): number => pick(0, 1, 3, 10, 23, 60)

  function result(): ReplyResult {
    return {
      status: pick('answered', 'answered', 'clarify', 'refused', 'failed', 'stopped'),
      answer: text(8000),
      errorCode: text(20),
      canRetry: chance(0.5),
      readings: list(40, () => text(500)),
      sql: list(3, () => text(200)),
      suggestions: list(30, () => text(300)),
      provenance: text(3000),
      numbers: { total: count(), verified: count() },
      timingsMs: { firstAnswer: count(), deck: count(), total: pick(0, 10, 9999, 61_000, 4e6) },
      tokens: { input: count(), output: count() },
      costUsd: pick(0, 0.001, 0.5, 1234.5),
      traceId: pick('', 'tr-1'),
      runId: '',
      genieConversationId: '',
      ...(chance(0.7)
        ? {
            deck: {
              key: 'k',
              version: 1,
              title: text(200),
              links: Object.fromEntries(
                ['html', 'pdf', 'pptx', 'xlsx', 'csv', 'T2.csv'].map((name) => [name, address()]),
              ),
            },
          }
        : {}),
    }
  }

  return () => {
    const phase = pick('queued', 'working', 'working', 'ended', 'ended', 'ended')
    const columns = upTo(30)
    return {
      turnId: chance(0.1) ? 't'.repeat(200) : 'slack-T0001-C0001-1700000000.000100',
      question: text(200),
      thread: 'slack.T.C.1',
      userId: 'U1',
      phase,
      ahead: upTo(20),
      steps: list(20, (index) => ({
        id: `${index}`,
        title: text(400),
        state: pick('pending', 'running', 'done', 'failed'),
        detail: text(2000),
      })),
      ...(chance(0.6)
        ? {
            firstAnswer: {
              headline: text(5000),
              columns: Array.from({ length: columns }, () => ({ title: text(300), isNumber: chance(0.5) })),
              rows: list(30, () => Array.from({ length: pick(columns, columns, 0, columns + 1) }, () => text(200))),
              moreRows: count(),
            },
          }
        : {}),
      slides: Array.from({ length: slidesCount() }, (_, index) => ({
        index,
        id: `s${index}`,
        title: text(1000),
        picture: pick('', 'F1', 'F2'),
      })),
      slideCount: count(),
      traceUrl: address(),
      ...(phase === 'ended' && chance(0.98) ? { result: result() } : {}),
    }
  }
}
