import { describe, expect, it } from 'vitest'
import { createByteCache, type ByteCache } from '../../src/lib/byte-cache.ts'

const cacheOf = (mostBytes: number): ByteCache<string> =>
  createByteCache({ mostBytes, sizeOf: (text: string) => text.length })

describe('createByteCache', () => {
  it('keeps what fits, and lets go first what was not used for longest', () => {
    const cache = cacheOf(6)
    cache.set('a', 'aa')
    cache.set('b', 'bb')
    cache.set('c', 'cc')

    cache.get('a')
    cache.set('d', 'dd')

    expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key))).toEqual(['aa', undefined, 'cc', 'dd'])
  })

  it('counts a value that takes the place of another once', () => {
    const cache = cacheOf(4)
    for (let i = 0; i < 10; i += 1) cache.set('a', 'aa')

    cache.set('b', 'bb')

    expect([cache.get('a'), cache.get('b')]).toEqual(['aa', 'bb'])
  })

  it('does not keep what is larger than all of it, and stays usable', () => {
    const cache = cacheOf(4)

    cache.set('huge', 'hugehuge')
    cache.set('a', 'aa')

    expect([cache.get('huge'), cache.get('a')]).toEqual([undefined, 'aa'])
  })
})
