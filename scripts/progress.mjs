/**
 * Tells what a set-up is doing, on stderr: stdout belongs to the program that runs after it. What takes less than a
 * second stays silent. On a terminal one line lives; elsewhere each step has a line when it starts and when it ends.
 */
const quietMs = 1000

/**
 * @typedef {object} Progress
 * @property {<T>(title: string, work: () => Promise<T>) => Promise<T>} step shows `work` while it runs; steps may overlap
 * @property {() => void} close takes the living line away
 */

/**
 * @param {NodeJS.WriteStream} stream
 * @param {NodeJS.ProcessEnv} env
 * @returns {Progress}
 */
export function createProgress(stream, env) {
  const living = stream.isTTY && !env['CI'] && env['TERM'] !== 'dumb'
  /** @type {Set<{title: string, since: number}>} */
  const running = new Set()
  /** @type {NodeJS.Timeout | undefined} */
  let ticker

  /** @param {string} text */
  const say = (text) => stream.write(`${living ? '\r\u001b[2K' : ''}deckhand: ${text}${living ? '' : '\n'}`)
  const clear = () => living && stream.write('\r\u001b[2K')
  const draw = () => {
    const shown = [...running].filter(({ since }) => Date.now() - since >= quietMs)
    if (shown.length === 0) return
    const text = shown.map(({ title, since }) => `${title} ${Math.floor((Date.now() - since) / 1000)} s`).join(', ')
    say(`setting up ${text}`.slice(0, stream.columns - 'deckhand: '.length - 1)) // a wrapped line cannot be redrawn
  }
  const close = () => {
    if (ticker) clearInterval(ticker)
    ticker = undefined
    clear()
  }

  return {
    async step(title, work) {
      const entry = { title, since: Date.now() }
      running.add(entry)
      if (living) ticker ??= setInterval(draw, 200)
      const late = living ? undefined : setTimeout(() => say(`setting up ${title} …`), quietMs)
      try {
        const result = await work()
        if (Date.now() - entry.since >= quietMs) {
          say(`${title} ready in ${seconds(entry.since)}`)
          if (living) stream.write('\n')
        }
        return result
      } finally {
        clearTimeout(late)
        running.delete(entry)
        if (running.size === 0) close()
      }
    },
    close,
  }
}

/** @param {number} since */
const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`
