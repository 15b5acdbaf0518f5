import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { silentLogger, type Logger } from '../../../src/lib/log.ts'
import { createRenderer } from '../../../src/render/create-renderer.ts'
import { RenderError } from '../../../src/render/renderer.ts'
import { salesDeck } from '../../fixtures/decks/sales.ts'
import { rejection } from '../../support/rejection.ts'
import { browserPath, browserPids, commandOf, temporaryFolder } from '../support.ts'

const never = new AbortController().signal

/** A browser as it is on a machine: a program of the given lines before the real one takes its place. */
async function browserThat(folder: string, lines: readonly string[]): Promise<string> {
  const path = join(folder, 'browser')
  await writeFile(path, `#!/bin/sh\n${lines.join('\n')}\nexec "${browserPath}" "$@"\n`)
  await chmod(path, 0o755)
  return path
}

interface Warning {
  readonly fields: object
  readonly message: string
}

function collecting(warnings: Warning[]): Logger {
  return { ...silentLogger, warn: (fields, message) => void warnings.push({ fields, message }) }
}

// What a browser does where the kernel allows no user namespaces, as Ubuntu's AppArmor or a container's seccomp has it.
const forbidsSandbox = [
  'case " $* " in *" --no-sandbox "*) ;; *)',
  'echo "No usable sandbox! Update your kernel or see ... for more information" >&2',
  'exit 1 ;; esac',
]

describe('a machine whose kernel forbids the sandbox', () => {
  it('draws decks all the same, and the log says once that the sandbox is off and what failed before', async () => {
    await using folder = await temporaryFolder()
    const path = await browserThat(folder.path, forbidsSandbox)
    const warnings: Warning[] = []
    const log = collecting(warnings)
    await using renderer = createRenderer({ browserPath: path, pages: 1, timeoutMs: 60_000, log })

    const [first] = salesDeck().slides
    const deck = salesDeck({ slides: first === undefined ? [] : [first] })
    const files = await Array.fromAsync(renderer.render(deck, ['pdf'], never))
    await Array.fromAsync(renderer.render(deck, ['pdf'], never))

    expect(files.map((file) => file.name)).toEqual(['deck.pdf'])
    expect(warnings).toHaveLength(1)
    expect(warnings[0]?.message).toMatch(
      /^Chromium runs .*without its sandbox.*: the kernel allows no user namespaces here$/,
    )
    expect(JSON.stringify(warnings[0]?.fields)).toContain(path)
    expect(warnings[0]?.fields).toMatchObject({ failures: expect.arrayContaining([expect.anything()]) as unknown[] })
    expect(browserPids().map((pid) => commandOf(pid).includes('--no-sandbox'))).toEqual([true])
  })

  it('is refused in words when no browser starts at all, with or without a sandbox', async () => {
    await using folder = await temporaryFolder()
    const path = await browserThat(folder.path, ['exit 1'])
    await using renderer = createRenderer({ browserPath: path, pages: 1, timeoutMs: 60_000, log: silentLogger })

    const refused = await rejection(Array.fromAsync(renderer.render(salesDeck(), ['pdf'], never)))

    expect(refused).toBeInstanceOf(RenderError)
    expect(refused).toMatchObject({
      code: 'browser-crashed',
      userMessage: expect.stringMatching(/browser that draws it did not start/) as string,
    })
  })
})
