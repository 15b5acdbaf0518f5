import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Ajv from 'ajv-draft-04'
import { unzipSync } from 'fflate'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { teamsManifest, teamsPackage } from '../../../src/bot/teams/manifest.ts'
import { rejection } from '../../support/rejection.ts'

const root = join(import.meta.dirname, '../../..')
const folder = join(root, 'manifests/teams')
const template = await readFile(join(folder, 'manifest.json'), 'utf8')
const color = await readFile(join(folder, 'color.png'))
const outline = await readFile(join(folder, 'outline.png'))
const app = { url: 'https://deckhand.example.com/bot/', appId: '11111111-2222-3333-4444-55555555ABCD' }

const require = createRequire(import.meta.url)
/** Microsoft's own schema, out of the package that its tools use. */
const schemaFile = require.resolve('@microsoft/app-manifest/build/json-schemas/teams/v1.29/MicrosoftTeams.schema.json')
const isManifest = new Ajv.default({ strict: false, validateFormats: false }).compile(
  JSON.parse(await readFile(schemaFile, 'utf8')) as object,
)

describe('teamsManifest', () => {
  it('keeps to Microsoft’s schema 1.29', () => {
    const manifest: unknown = JSON.parse(teamsManifest(template, app))

    isManifest(manifest)
    expect(isManifest.errors ?? []).toEqual([])
    expect(isManifest({ ...(manifest as object), supportsSessions: true })).toBe(false)
  })

  it('names the registration and the server everywhere', () => {
    const id = app.appId.toLowerCase()

    expect(JSON.parse(teamsManifest(template, app))).toMatchObject({
      id,
      bots: [{ botId: id, supportsFiles: true, scopes: ['personal', 'team', 'groupChat'] }],
      webApplicationInfo: { id, resource: 'https://deckhand.example.com/bot' },
      validDomains: ['deckhand.example.com'],
      developer: { websiteUrl: 'https://deckhand.example.com/bot' },
    })
  })

  it('asks for messages without a mention, in channels and chats, and for nothing else', () => {
    const { authorization } = JSON.parse(teamsManifest(template, app)) as Record<string, unknown>

    expect(authorization).toEqual({
      permissions: {
        resourceSpecific: [
          { name: 'ChannelMessage.Read.Group', type: 'Application' },
          { name: 'ChatMessage.Read.Chat', type: 'Application' },
        ],
      },
    })
  })

  it('keeps addresses of the developer that the template has', () => {
    const own = template.replace('"privacyUrl": ""', '"privacyUrl": "https://example.com/privacy"')

    expect(JSON.parse(teamsManifest(own, app))).toMatchObject({
      developer: { privacyUrl: 'https://example.com/privacy', termsOfUseUrl: 'https://deckhand.example.com/bot' },
    })
  })

  it.each(['http://deckhand.example.com', 'deckhand.example.com', '', 'https://a.test/?x=1'])('refuses %j', (url) => {
    expect(() => teamsManifest(template, { ...app, url })).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: `--url is "${url}", should be the https address of this server`,
      }),
    )
  })

  it('says where an app id belongs', () => {
    const where = 'should be the id of the bot’s registration in Entra: --app-id, or teams.app_id in config.yaml'

    expect(() => teamsManifest(template, { ...app, appId: '' })).toThrow(`there is no app id, ${where}`)
    expect(() => teamsManifest(template, { ...app, appId: 'deckhand' })).toThrow(`the app id is "deckhand", ${where}`)
  })

  it.each(['', '[]', '{"bots": []}'])('refuses %j as a template', (text) => {
    expect(() => teamsManifest(text, app)).toThrow(expect.objectContaining({ code: 'bad-manifest' }))
  })
})

describe('teamsPackage', () => {
  it('has manifest and icons at the root of the ZIP', async () => {
    const files = unzipSync(await teamsPackage({ template, color, outline }, app))

    expect(Object.keys(files)).toEqual(['manifest.json', 'color.png', 'outline.png'])
    expect(new TextDecoder().decode(files['manifest.json'])).toBe(teamsManifest(template, app))
    expect(Buffer.from(files['color.png'] ?? [])).toEqual(color)
  })

  it('fails before anything is written', async () => {
    const error = await rejection(teamsPackage({ template, color, outline }, { ...app, appId: '' }))

    expect(error).toMatchObject({ code: 'usage' })
  })
})

describe('deckhand manifest teams', () => {
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['src/main.ts', 'manifest', 'teams', ...args], {
      cwd: root,
      env: { ...process.env, TEAMS_APP_ID: '', DECKHAND_PUBLIC_URL: '' },
    })

  it('writes the package, with no secret and no workspace at hand', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'deckhand-manifest-'))
    try {
      const file = join(dir, 'teams.zip')

      const { stdout } = await run('--url', app.url, '--app-id', app.appId, '--out', file)

      expect(stdout).toContain('Upload an app')
      expect(Object.keys(unzipSync(await readFile(file)))).toEqual(['manifest.json', 'color.png', 'outline.png'])
    } finally {
      await rm(dir, { recursive: true })
    }
  })

  it.each([
    ['an address that is not https', ['--url', 'http://a.test', '--app-id', app.appId], 'the https address'],
    ['no app id', ['--url', app.url], '--app-id'],
  ])('writes nothing with %s', async (_, args, message) => {
    const dir = await mkdtemp(join(tmpdir(), 'deckhand-manifest-'))
    try {
      const failure = run(...args, '--out', join(dir, 'teams.zip'))

      await expect(failure).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(message) })
      expect(await readdir(dir)).toEqual([])
    } finally {
      await rm(dir, { recursive: true })
    }
  })
})

describe('icons', () => {
  it('are of the sizes that Teams wants', async () => {
    expect(await sharp(color).metadata()).toMatchObject({ format: 'png', width: 192, height: 192 })
    expect(await sharp(outline).metadata()).toMatchObject({ format: 'png', width: 32, height: 32, hasAlpha: true })
  })

  it('have an outline of white on nothing', async () => {
    const { data } = await sharp(outline).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
    const pixels = Array.from({ length: 32 * 32 }, (_, at) => data.subarray(at * 4, at * 4 + 4))

    expect(pixels.some(([, , , alpha]) => alpha === 0)).toBe(true)
    for (const [red, green, blue, alpha] of pixels) {
      if (alpha !== 0) expect([red, green, blue]).toEqual([255, 255, 255])
    }
  })

  it.each(['color', 'outline'])('are drawn from %s.svg', async (name) => {
    const png = await readFile(join(folder, `${name}.png`))
    const size = name === 'color' ? 192 : 32
    const svg = sharp(await readFile(join(folder, `${name}.svg`)), { density: 288 }).resize(size, size)
    const [drawn, kept] = await Promise.all([
      svg.ensureAlpha().raw().toBuffer(),
      sharp(png).ensureAlpha().raw().toBuffer(),
    ])

    expect(drawn.equals(kept)).toBe(true)
  })
})
