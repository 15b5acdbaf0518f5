import { defineConfig, type OxlintOverride } from 'oxlint'

/**
 * Imports point one way: main → app → bot → agent → render, mlflow → lib. Each row: files, what they must not import
 * (as the specifier is written, relative to the repository or to src), and the rule in words. The last row that a file is
 * in replaces the ones before: a row of a folder repeats what holds for the one around it.
 */
const directions: readonly (readonly [files: string, mustNot: string, because: string])[] = [
  ['src/*.ts', outside(), 'src does not know its sandbox, tests and benchmarks'],
  ['src/lib/**', outside('bot', 'eval', 'agent', 'render', 'mlflow'), 'lib knows lib only'],
  ['src/render/**', outside('bot', 'eval', 'agent', 'mlflow'), 'render knows lib only'],
  ['src/mlflow/**', outside('bot', 'eval', 'agent', 'render'), 'mlflow knows lib only'],
  ['src/agent/**', outside('bot', 'eval'), 'agent knows render, mlflow and lib only'],
  ['src/eval/**', outside('bot'), 'eval knows agent and what is below it'],
  ['src/bot/**', outside('eval'), 'bot knows agent and what is below it; app tells it the rest'],
  ['src/bot/chat/**', outside('eval', 'slack', 'teams'), 'what chat platforms share knows none of them'],
  ['src/bot/slack/**', outside('eval', 'teams'), 'slack and teams do not know each other'],
  ['src/bot/teams/**', outside('eval', 'slack'), 'slack and teams do not know each other'],
  [
    'sandbox/*/**',
    String.raw`^(\.\./)+((test|bench)/|src/(bot|agent|mlflow)/|src/(main|app|settings)\.ts$)`,
    'a stand-in follows the vendor’s documents, not our client: it knows src/lib and the shapes of src/render only',
  ],
]

/** Specifiers that leave a folder of src for these folders of src, for what only src itself may know, or for outside. */
function outside(...folders: readonly string[]): string {
  return String.raw`^(\.\./)+((${['sandbox', 'test', 'bench', ...folders].join('|')})/|(main|app|settings)\.ts$)`
}

/** Deprecated upstream: what replaces it one day should find it in one folder. */
const teamsLibrary = {
  regex: '^(@microsoft/teams-ai|botbuilder.*|botframework-.*)(/|$)',
  message: 'only src/bot/teams knows the library for Teams (docs/decisions/0010)',
}
const knowsTeamsLibrary = 'src/bot/teams/**'

function direction([files, regex, message]: (typeof directions)[number]): OxlintOverride {
  const patterns = [{ regex, message }, ...(files === knowsTeamsLibrary ? [] : [teamsLibrary])]
  return { files: [files], rules: { 'no-restricted-imports': ['error', { patterns }] } }
}

export default defineConfig({
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise', 'node', 'vitest'],
  categories: { correctness: 'error', suspicious: 'error' },
  options: { typeAware: true, reportUnusedDisableDirectives: 'error' },
  ignorePatterns: ['node_modules', '.deckhand', 'out'],
  rules: {
    'import/no-cycle': 'error',
    'no-restricted-imports': ['error', { patterns: [teamsLibrary] }],
    'no-console': 'error',
    'typescript/consistent-type-imports': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-import-type-side-effects': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],

    // The compiler sees these better (noImplicitReturns), or they are a matter of taste that makes no code safer.
    'consistent-return': 'off',
    'typescript/consistent-return': 'off',
    'no-shadow': 'off',
    'import/no-named-as-default': 'off',
    'promise/always-return': 'off',
    'typescript/no-unsafe-type-assertion': 'off',
    'unicorn/consistent-function-scoping': 'off',
    'unicorn/no-array-reverse': 'off',
    'unicorn/no-array-sort': 'off',
  },
  overrides: [
    ...directions.map(direction),
    {
      // A test says the wrong thing on purpose, to see what happens.
      files: ['test/**'],
      rules: {
        'typescript/no-base-to-string': 'off',
        'typescript/restrict-template-expressions': 'off',
        'typescript/no-misused-spread': 'off',
        'vitest/no-conditional-expect': 'off',
        'vitest/require-to-throw-message': 'off',
        'vitest/valid-expect': 'off',
      },
    },
    {
      // They hand the library what it takes, such as credentials that ask nobody.
      files: ['test/bot/teams/**'],
      rules: { 'no-restricted-imports': 'off' },
    },
    {
      // Programs whose standard output is for people.
      files: ['bench/**', 'scripts/**'],
      rules: { 'no-console': 'off' },
    },
  ],
})
