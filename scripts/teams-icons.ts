import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'

/** Draws the icons of the Teams app from their SVG: `node scripts/teams-icons.ts`, after one was changed. */

const folder = join(import.meta.dirname, '../manifests/teams')
const sizes = { color: 192, outline: 32 } as const

for (const [name, size] of Object.entries(sizes)) {
  const svg = await readFile(join(folder, `${name}.svg`))
  const png = await sharp(svg, { density: 288 }).resize(size, size).png({ compressionLevel: 9 }).toBuffer()
  await writeFile(join(folder, `${name}.png`), png)
  console.log(`manifests/teams/${name}.png: ${size} × ${size}, ${png.length} bytes`)
}
