import { launch } from 'puppeteer'
import { beforeAll, describe, expect, it } from 'vitest'
import { mlflowUrl } from '../support/parts.ts'
import { aTurn, setUp, soon } from './set-up.ts'

// Its start is no part of the test's time.
beforeAll(() => mlflowUrl(), 120_000)

describe("the run's page in MLflow", () => {
  it('shows its metrics, a curve over the model calls, and what its files hold', { timeout: 240_000 }, async () => {
    await using context = await setUp()
    const settings = { trackingUri: context.mlflowUrl, run: { params: { temperature: 0.2 }, tags: {} } }
    const tracing = await context.startTracing({}, { settings })
    const { runId } = await tracing.turn(aTurn, async (trace, _root, report) => {
      for (const tokens of [100, 250, 70]) {
        await tracing.span('call_llm', 'CHAT_MODEL', {}, async (span) => {
          span.setUsage({ model: 'm', inputTokens: tokens, outputTokens: 10, inputCostUsd: 0, outputCostUsd: 0 })
        })
      }
      report.metric('slide_count', 5)
      const content = (): string => 'Americas has the highest revenue: $41.9M'
      report.artifact({ path: 'narrative.txt', mediaType: 'text/plain', content })
      return trace
    })
    await tracing.flush(soon())
    const experimentId = await context.mlflow.experimentId(context.experimentName)
    const address = `${context.mlflowUrl}/#/experiments/${experimentId}/runs/${await runId}`
    await using browser = await launch({
      executablePath: process.env['PUPPETEER_EXECUTABLE_PATH'] ?? '',
      args: ['--no-sandbox', '--disable-gpu'],
    })
    const shown = async (path: string, awaited: string): Promise<string> => {
      const page = await browser.newPage()
      await page.goto(`${address}${path}`)
      await page.waitForSelector(`main ::-p-text(${awaited})`, { timeout: 60_000 })
      return String(await page.evaluate(`document.querySelector('main').innerText`))
    }

    const overview = await shown('', 'slide_count')
    const curves = await shown('/model-metrics', 'call_llm_input_tokens')
    const file = await shown('/artifacts/narrative.txt', 'highest revenue')

    expect(overview).toMatch(/success\s+1\b/)
    expect(overview).toMatch(/slide_count\s+5\b/)
    expect(overview).toMatch(/total_tokens\s+450\b/)
    expect(overview).toMatch(/temperature\s+0\.2/)
    expect(overview).toContain(aTurn.question)
    expect(curves).toContain('call_llm_latency_seconds')
    expect(file).toContain('Americas has the highest revenue: $41.9M')
  })
})
