import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { completePackages, problemsOf, type LockPackages } from '../../scripts/lock.mjs'

describe('the lock file', () => {
  it('installs on machines of every platform and from every registry', () => {
    const file = path.resolve(import.meta.dirname, '../../package-lock.json')
    const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { packages: LockPackages }

    expect(problemsOf(packages)).toEqual([])
  })
})

describe('completePackages', () => {
  const tool = { version: '1.2.0', dev: true, optionalDependencies: {} }

  it('adds the builds for other platforms that the registry did not have', () => {
    const packages = {
      'node_modules/tool': {
        ...tool,
        optionalDependencies: { '@tool/linux-x64-musl': '1.2.0', '@tool/win32-arm64-msvc': '1.2.0' },
      },
      'node_modules/@tool/linux-x64-musl': { version: '1.2.0', optional: true },
    }

    expect(completePackages(packages)).toEqual({
      ...packages,
      'node_modules/@tool/win32-arm64-msvc': {
        version: '1.2.0',
        cpu: ['arm64'],
        dev: true,
        optional: true,
        os: ['win32'],
      },
    })
  })

  it('says which C library a Linux build is for, so that nobody downloads the other one', () => {
    const packages = {
      'node_modules/tool': { ...tool, optionalDependencies: { 'tool-linux-arm64-musl': '1.2.0' } },
    }

    expect(completePackages(packages)['node_modules/tool-linux-arm64-musl']).toMatchObject({
      os: ['linux'],
      cpu: ['arm64'],
      libc: ['musl'],
    })
  })

  it('sees a build that is nested in the package that wants it', () => {
    const packages = {
      'node_modules/a/node_modules/tool': { ...tool, optionalDependencies: { 'tool-darwin-x64': '1.2.0' } },
      'node_modules/a/node_modules/tool-darwin-x64': { version: '1.2.0' },
    }

    expect(completePackages(packages)).toEqual(packages)
  })

  it('refuses a missing package that is for no platform', () => {
    const packages = { 'node_modules/tool': { ...tool, optionalDependencies: { 'left-pad': '1.3.0' } } }

    expect(() => completePackages(packages)).toThrow('node_modules/tool wants left-pad@1.3.0')
  })
})

describe('problemsOf', () => {
  it('names packages that are missing and those that are bound to one registry', () => {
    const packages = {
      'node_modules/tool': { version: '1.2.0', optionalDependencies: { 'tool-darwin-x64': '1.2.0' } },
      'node_modules/other': { version: '1.0.0', resolved: 'https://registry.invalid/other.tgz' },
    }

    expect(problemsOf(packages)).toEqual([
      'node_modules/tool-darwin-x64 is missing',
      'node_modules/other names the registry it came from',
    ])
  })
})
