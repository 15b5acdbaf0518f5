import { describe, expect, it } from 'vitest'
import { createPictureCache, pictureKey } from '../../../src/render/rasterize/picture-cache.ts'

const picture = (sizeBytes: number): Uint8Array => new Uint8Array(sizeBytes)

describe('createPictureCache', () => {
  it('lets the picture go that was not used for longest', () => {
    const cache = createPictureCache(30)
    cache.set('a', picture(10))
    cache.set('b', picture(10))
    cache.set('c', picture(10))
    cache.get('a')

    cache.set('d', picture(10))

    expect(['a', 'b', 'c', 'd'].filter((key) => cache.get(key) !== undefined)).toEqual(['a', 'c', 'd'])
  })

  it('counts a picture once that is set again', () => {
    const cache = createPictureCache(30)
    for (let time = 0; time < 10; time += 1) cache.set('a', picture(10))
    cache.set('b', picture(20))

    expect(cache.get('a')).toBeDefined()
    expect(cache.get('b')).toBeDefined()
  })

  it('keeps nothing that is larger than all of it', () => {
    const cache = createPictureCache(30)
    cache.set('a', picture(31))

    expect(cache.get('a')).toBeUndefined()
  })
})

describe('pictureKey', () => {
  it('tells apart what only the join of its parts would make equal', () => {
    expect(pictureKey('ab', 'c', 1280)).not.toBe(pictureKey('b', 'ca', 1280))
    expect(pictureKey('a', 'x', 1280)).not.toBe(pictureKey('a', 'y', 1280))
    expect(pictureKey('a', 'x', 1280)).not.toBe(pictureKey('a', 'x', 640))
    expect(pictureKey('a', 'x', 1280)).toBe(pictureKey('a', 'x', 1280))
  })
})
