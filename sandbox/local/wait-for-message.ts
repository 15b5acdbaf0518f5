/**
 * The first message that fits, among those shown now or as soon as there is one. `describe` says what the last ones are,
 * for who waited in vain.
 * @throws Error after `timeoutMs`
 */
export async function waitForMessage<Message>(options: {
  readonly shown: () => readonly Message[]
  /** Told of every message that is new or different and can be seen; gives back what ends that. */
  readonly onMessage: (listener: (message: Message) => void) => () => void
  readonly fits: (message: Message) => boolean
  readonly describe: (message: Message) => string
  readonly timeoutMs: number
}): Promise<Message> {
  const { shown, onMessage, fits, describe, timeoutMs } = options
  const there = shown().find(fits)
  if (there) return there
  const { promise, resolve, reject } = Promise.withResolvers<Message>()
  const stop = onMessage((message) => {
    if (fits(message)) resolve(message)
  })
  const timer = setTimeout(() => {
    const last = shown().slice(-5).map(describe)
    reject(new Error(`No such message within ${timeoutMs} ms; the last ones: ${last.join(' | ') || 'none'}`))
  }, timeoutMs)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    stop()
  }
}
