import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { findParts } from './scripts/parts/all.mjs'

// `npm test` sets up the parts and says where they are. Started by hand, vitest finds what an earlier set-up left.
process.env = { ...findParts(import.meta.dirname, process.env), ...process.env }

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Tests drive real servers and browsers: a process of its own for each file, no more of them than cores.
    pool: 'forks',
    maxWorkers: Math.max(1, Math.min(4, availableParallelism())),
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
    typecheck: { enabled: false }, // `npm run check` does it
  },
})
