import { launch } from 'puppeteer'
import { describe, expect, it } from 'vitest'
import { aTurn, runTurn, setUp, soon } from './set-up.ts'

describe('the trace link', () => {
  it("opens exactly that trace in MLflow's page, and the run's page lists it", { timeout: 90_000 }, async () => {
    await using context = await setUp()
    const tracing = await context.startTracing({}, { settings: { trackingUri: context.mlflowUrl } })
    await runTurn(tracing, { ...aTurn, question: 'A question asked before' })
    const { traceUrl, traceId, runId } = await runTurn(tracing)
    await runTurn(tracing, { ...aTurn, question: 'A question asked later' })
    await tracing.flush(soon())
    await using browser = await launch({
      executablePath: process.env['PUPPETEER_EXECUTABLE_PATH'] ?? '',
      args: ['--no-sandbox', '--disable-gpu'],
    })
    const page = await browser.newPage()

    await page.goto(traceUrl)
    await page.waitForSelector('[role="dialog"] ::-p-text(tool_call_1_query_genie)', { timeout: 60_000 })
    const shown = String(
      await page.evaluate(`[...document.querySelectorAll('[role="dialog"]')].map((each) => each.innerText).join()`),
    )

    for (const text of [
      traceId.slice(3, 11),
      'agent_orchestration',
      'intent_analysis',
      'tool_synthesis',
      aTurn.question,
    ]) {
      expect(shown).toContain(text)
    }
    expect(shown).not.toContain('asked before')
    expect(shown).not.toContain('asked later')

    const runPage = await browser.newPage()
    const experimentId = await context.mlflow.experimentId(context.experimentName)
    await runPage.goto(`${context.mlflowUrl}/#/experiments/${experimentId}/runs/${await runId}/traces`)
    await runPage.waitForSelector(`main ::-p-text(${aTurn.question})`, { timeout: 60_000 })
    const listed = String(await runPage.evaluate(`document.querySelector('main').innerText`))
    expect(listed).not.toContain('asked before')
  })
})
