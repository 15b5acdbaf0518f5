import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { encodePng } from '../../../src/render/rasterize/png.ts'

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
