/** Ctrl-C and friends as an abort signal. Disposing it gives the signals back to the process. */
export interface Cancellation extends Disposable {
  readonly signal: AbortSignal
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** A terminal and a parent process may both deliver the same Ctrl-C: only a later one means "now, please". */
const repeatAfterMs = 1000

/** The first signal cancels cleanly; another one a second later ends the process at once. */
export function cancelOnSignals(process: NodeJS.Process): Cancellation {
  const controller = new AbortController()
  let firstAt = 0
  const onSignal = (): void => {
    const now = Date.now()
    if (firstAt === 0) {
      firstAt = now
      controller.abort(new DOMException('Cancelled', 'AbortError'))
    } else if (now - firstAt > repeatAfterMs) {
      process.exit(130)
    }
  }
  for (const name of signals) process.on(name, onSignal)
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const name of signals) process.off(name, onSignal)
    },
  }
}

/**
 * What becomes of a result that cannot be printed. A reader that has seen enough (`| head`) is nobody's failure; a full
 * disk is told in one line and as exit code 1.
 */
export function reportBrokenOutput(process: NodeJS.Process): void {
  process.stderr.on('error', () => undefined) // nobody is left to tell
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return
    process.exitCode = 1
    process.stderr.write(`deckhand: The result cannot be printed. (${error.code ?? error.message})\n`)
  })
}

/**
 * For a command that has closed all it opened: should something in a library still keep the process alive, it ends all
 * the same, a moment later. (Puppeteer waits half a minute for a page of a browser that is gone.)
 */
export function endSoon(process: NodeJS.Process): void {
  setTimeout(() => process.exit(), 500).unref()
}
