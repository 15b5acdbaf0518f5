/** Values by name, the latest used kept. */
export interface ByteCache<T> {
  get(key: string): T | undefined
  set(key: string, value: T): void
}

/** Keeps values up to `mostBytes` together; the one not used for longest goes first. */
export function createByteCache<T>(options: {
  readonly mostBytes: number
  readonly sizeOf: (value: T) => number
}): ByteCache<T> {
  const { mostBytes, sizeOf } = options
  // A Map keeps the order in which keys were set: the first is the one not used for longest.
  const values = new Map<string, T>()
  let bytes = 0

  function remove(key: string): void {
    const value = values.get(key)
    if (value === undefined) return
    bytes -= sizeOf(value)
    values.delete(key)
  }

  return {
    get(key) {
      const value = values.get(key)
      if (value === undefined) return undefined
      values.delete(key)
      values.set(key, value)
      return value
    },

    set(key, value) {
      remove(key)
      values.set(key, value)
      bytes += sizeOf(value)
      for (const oldest of values.keys()) {
        if (bytes <= mostBytes) break
        remove(oldest)
      }
    },
  }
}
