import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Programs that make slides, run as a person runs them: a process for each job, files on disk. */
export interface Peers {
  /** marp-cli makes a PDF in one run and pictures in another. */
  marp(): Promise<void>
  /** decktape drives reveal.js; screenshots are its own option. */
  decktape(): Promise<void>
}

const versions = ['@marp-team/marp-cli@4.5.1', 'decktape@3.16.1', 'reveal.js@6.0.2']

/**
 * Installs the peers into `home` and writes the slides of a printed deck in their languages. Installed once; npm sees
 * that they are there the next time.
 */
export async function installPeers(home: string, html: string, browserPath: string): Promise<Peers> {
  await mkdir(join(home, 'out'), { recursive: true })
  await writeFile(join(home, 'package.json'), '{"private":true}\n')
  const npm = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--no-save', ...versions]
  await run('npm', npm, { cwd: home, timeoutMs: 300_000 })
  const slides = html.match(/<section class="slide[\s\S]*?<\/section>/g) ?? []
  // Their own sizes of text stand in the way of ours: lengths in px, and our rules on our own elements only.
  const css = inPixels(html.slice(html.indexOf('<style>') + 7, html.indexOf('</style>'))).replaceAll(
    /(^|\n)(html|body)\{[^}]*\}/g,
    '',
  )
  await writeFile(join(home, 'marp.md'), marpDocument(css, slides))
  await writeFile(join(home, 'reveal.html'), revealDocument(css, slides))

  const bin = (...path: string[]): string => join(home, 'node_modules', ...path)
  const marp = [bin('@marp-team', 'marp-cli', 'marp-cli.js'), '--html', '--browser', 'chrome', '--browser-path']
  const runMarp = (...options: string[]): Promise<void> =>
    run(process.execPath, [...marp, browserPath, ...options, 'marp.md'], { cwd: home, timeoutMs: 120_000 })
  const decktape = [bin('decktape', 'decktape.js'), 'reveal', '--chrome-path', browserPath]
  const sandbox = ['--chrome-arg=--no-sandbox', '-s', '1280x720']
  const shots = ['--screenshots', '--screenshots-directory', '.']
  return {
    async marp() {
      await runMarp('--pdf', '-o', 'out/marp.pdf')
      await runMarp('--images', 'png', '-o', 'out/marp.png')
    },
    async decktape() {
      const page = `file://${join(home, 'reveal.html')}`
      await run(process.execPath, [...decktape, ...sandbox, ...shots, page, 'out/decktape.pdf'], {
        cwd: home,
        timeoutMs: 180_000,
      })
    },
  }
}

function inPixels(css: string): string {
  return css.replaceAll(/(\d*\.?\d+)rem\b/g, (_, value: string) => `${Number(value) * 10}px`)
}

/** Each slide as a block of HTML: without an empty line Markdown leaves it alone. */
function marpDocument(css: string, slides: readonly string[]): string {
  const own = 'section{padding:0;font-size:10px;color:var(--ink)}'
  const blocks = slides.map((slide) =>
    inPixels(slide)
      .replace('<section', '<div')
      .replace(/<\/section>$/, '</div>')
      .replaceAll(/\n+/g, ' '),
  )
  const head = '---\nmarp: true\ntheme: default\nsize: 16:9\ntitle: Sales in 2023\nlang: en\n---\n\n'
  return `${head}<style>${css.replaceAll(/\n+/g, ' ')} ${own}</style>\n\n${blocks.join('\n\n---\n\n')}\n`
}

function revealDocument(css: string, slides: readonly string[]): string {
  const sections = slides.map(
    (slide) =>
      `<section>${inPixels(slide)
        .replace('<section', '<div')
        .replace(/<\/section>$/, '</div>')}</section>`,
  )
  const library = 'node_modules/reveal.js/dist'
  const own = '.reveal .slides section{padding:0;text-align:left;width:1280px;height:720px;font-size:10px}'
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sales in 2023</title>` +
    `<link rel="stylesheet" href="${library}/reveal.css"><style>${css}\n${own}</style></head>` +
    `<body><div class="reveal"><div class="slides">${sections.join('\n')}</div></div><script src="${library}/reveal.js"></script>` +
    `<script>Reveal.initialize({width:1280,height:720,margin:0,center:false,controls:false,progress:false,transition:'none',hash:true})</script></body></html>\n`
  )
}

/** Runs a program to its end. @throws Error with what it said, when it failed or took too long */
export function run(
  command: string,
  args: readonly string[],
  { cwd, timeoutMs }: { readonly cwd: string; readonly timeoutMs: number },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const env = { ...process.env, PUPPETEER_SKIP_DOWNLOAD: '1' }
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()))
  child.on('error', reject)
  child.on('exit', (code) => {
    if (code === 0) resolve()
    else reject(new Error(`${command} ${args.join(' ').slice(0, 120)} ended with ${code}:\n${said.slice(-2000)}`))
  })
  return promise
}
