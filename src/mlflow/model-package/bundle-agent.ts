import { dirname, join } from 'node:path'
import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { PackageError } from './package-error.ts'
import type { FileContents } from './model-files.ts'

/** CommonJS packages in the bundle ask for Node's own modules this way. */
const banner =
  "import{createRequire as deckhandRequire}from'node:module';const require=deckhandRequire(import.meta.url);"

/**
 * The agent as one program: `agent.mjs`, the licences of what is in it, and the fonts it puts into decks, where it looks
 * for them. The same sources give the same bytes, wherever they lie. @throws PackageError
 */
export async function bundleAgent(entry: string, root: string): Promise<FileContents> {
  const { build } = await import('esbuild') // only for who packages
  const built = await build({
    entryPoints: [entry],
    absWorkingDir: root,
    outdir: root, // nothing is written: names of output files are relative to it
    entryNames: 'agent',
    outExtension: { '.js': '.mjs' },
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minify: true,
    legalComments: 'external',
    banner: { js: banner },
    logLevel: 'silent',
  }).catch((cause: unknown) => {
    throw new PackageError('bundle', 'Cannot bundle the agent: esbuild reports errors', {
      userMessage: 'The agent could not be bundled. Run npm run check.',
      cause,
    })
  })
  const files = new Map<string, Uint8Array>()
  for (const { path, contents } of built.outputFiles) {
    files.set(path.endsWith('.LEGAL.txt') ? 'LICENCES.txt' : 'agent.mjs', contents)
  }
  return new Map([...files, ...(await fontFiles(root))])
}

/** Of the package, what the deck page reads: two weights, their ranges, and the licence. */
async function fontFiles(root: string): Promise<FileContents> {
  const name = '@fontsource/inter'
  const folder = dirname(createRequire(join(root, 'package.json')).resolve(`${name}/package.json`))
  const fonts = (await readdir(join(folder, 'files'))).filter((file) => /-(400|600)-normal\.woff2?$/.test(file))
  const paths = ['LICENSE', 'package.json', 'unicode.json', ...fonts.toSorted().map((file) => `files/${file}`)]
  return new Map(
    await Promise.all(
      paths.map(async (path) => [`node_modules/${name}/${path}`, await readFile(join(folder, path))] as const),
    ),
  )
}
