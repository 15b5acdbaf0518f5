import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * The library writes to standard error by itself whenever it refuses a token: stacks and keys over many lines, as often as
 * a stranger likes, where we write one line of JSON for each event. The console is the one global thing about it, so
 * that is where it is kept quiet.
 */
const quiet = new AsyncLocalStorage<true>()

const { console } = globalThis
const write = console.error.bind(console)
console.error = (...words: unknown[]): void => {
  if (!quiet.getStore()) write(...words)
}

/** Runs a call of the library whose errors are ours to tell, without its own words on the console. Others are heard. */
export function quietly<T>(run: () => Promise<T>): Promise<T> {
  return quiet.run(true, run)
}
