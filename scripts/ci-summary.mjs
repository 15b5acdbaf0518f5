/**
 * The end of a CI run: `node scripts/ci-summary.mjs REPORT CHECK TESTS`, with vitest's JSON report and the exit codes
 * of `npm run check` and `npm test`. The last line counts tests; whatever else went wrong counts as one failure each,
 * so that the line can never look better than the run was.
 */
import { readFileSync } from 'node:fs'

const [report = '', checkCode = '1', testCode = '1'] = process.argv.slice(2)

const { passed, failed, skipped } = readCounts(report)
let failures = failed
if (checkCode !== '0') {
  console.log(`npm run check failed with code ${checkCode}`)
  failures += 1
}
if (testCode !== '0' && failed === 0) {
  console.log(`npm test failed with code ${testCode} although no single test did`)
  failures += 1
}
if (passed + failed === 0 && testCode === '0') {
  console.log('npm test ran no test')
  failures += 1
}
if (skipped > 0) console.log(`${skipped} skipped: what they need is not on this machine`)
console.log(`${passed} passed, ${failures} failed`)
process.exitCode = failures === 0 ? 0 : 1

/** @param {string} file */
function readCounts(file) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(file, 'utf8'))
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests }
  } catch {
    return { passed: 0, failed: 0, skipped: 0 } // no report: vitest did not get that far, and its exit code says so
  }
}
