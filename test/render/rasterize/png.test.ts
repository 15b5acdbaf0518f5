import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { decodePng, encodePng } from '../../../src/render/rasterize/png.ts'

describe('encodePng', () => {
  it('makes a file that another decoder reads back, pixel for pixel', async () => {
    const [width, height] = [7, 5]
    const rgb = Uint8Array.from({ length: width * height * 3 }, (_, index) => (index * 37) % 256)
    const rows = new Uint8Array((width * 3 + 1) * height)
    for (let row = 0; row < height; row += 1) {
      rows.set(rgb.subarray(row * width * 3, (row + 1) * width * 3), row * (width * 3 + 1) + 1)
    }

    const { data, info } = await sharp(encodePng(rows, width, height), { failOn: 'warning' })
      .raw()
      .toBuffer({ resolveWithObject: true })

    expect(info).toMatchObject({ width, height, channels: 3 })
    expect([...data]).toEqual([...rgb])
  })
})

describe('decodePng', () => {
  it('gives back the rows that were encoded', () => {
    const [width, height] = [7, 5]
    const rows = Uint8Array.from({ length: (width * 3 + 1) * height }, (_, at) => (at % 22 === 0 ? 0 : (at * 37) % 256))

    const file = encodePng(rows, width, height)

    expect(decodePng(file)).toEqual({ rows: Buffer.from(rows), widthPx: width, heightPx: height })
    // A view into a larger buffer, as files often are.
    expect(decodePng(Buffer.concat([Buffer.from('before'), file]).subarray(6))).toMatchObject({ widthPx: width })
  })

  it('refuses a picture that is none of ours', async () => {
    const grey = await sharp(Buffer.alloc(35), { raw: { width: 7, height: 5, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toBuffer()

    expect(() => decodePng(grey)).toThrow()
  })
})
