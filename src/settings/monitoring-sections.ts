import { z } from 'zod'
import { isTimeZone } from '../lib/local-day.ts'
import { address, name, number, text, whole } from './checks.ts'

const usdPerDay = number('US dollars from 0 to 1000000', 0, 1_000_000)

/** The sections of `config.yaml` on what answers may cost, and on what operators are to be told. */
export const monitoringSections = {
  budgets: z.strictObject({
    workspace_usd_per_day: usdPerDay,
    channel_usd_per_day: usdPerDay,
    person_usd_per_day: usdPerDay,
    time_zone: z.string().refine(isTimeZone, 'a time zone such as UTC or Europe/Zurich'),
    contact: name,
  }),
  alerts: z.strictObject({
    window_minutes: whole('whole minutes from 1 to 180', 1, 180),
    min_turns: whole('a whole number from 1 to 10000', 1, 10_000),
    every_seconds: number('seconds from 5 to 600', 5, 600),
    error_rate_percent: number('a number from 0 to 100', 0, 100),
    p95_seconds: number('seconds from 0 to 3600', 0, 3600),
    daily_cost_usd: usdPerDay,
    queue_wait_seconds: number('seconds from 0 to 86400', 0, 86_400),
    endpoint_down_seconds: number('seconds from 0 to 86400', 0, 86_400),
    spool_minutes: number('minutes from 0 to 10080', 0, 10_080),
    runbook_url: z.literal('').or(address('the address of a page, or empty')),
    slack_channel: text.regex(
      /^$|^(T[A-Z0-9]+\/)?[CGD][A-Z0-9]+$/,
      'the id of a Slack channel such as C0123ABCD, or of one in a workspace, T0123ABCD/C0123ABCD; or empty',
    ),
  }),
}

interface MonitoringSections {
  readonly budgets: z.output<typeof monitoringSections.budgets>
  readonly alerts: z.output<typeof monitoringSections.alerts>
}

/** The sections in the program's own units and spelling. */
export function toMonitoringSettings({ budgets, alerts }: MonitoringSections) {
  return {
    budgets: {
      usdPerDay: {
        workspace: budgets.workspace_usd_per_day,
        channel: budgets.channel_usd_per_day,
        person: budgets.person_usd_per_day,
      },
      timeZone: budgets.time_zone,
      contact: budgets.contact,
    },
    alerts: {
      windowMs: alerts.window_minutes * 60_000,
      minTurns: alerts.min_turns,
      everyMs: alerts.every_seconds * 1000,
      limits: {
        'error-rate': alerts.error_rate_percent / 100,
        'slow-turns': alerts.p95_seconds * 1000,
        'daily-cost': alerts.daily_cost_usd,
        'queue-wait': alerts.queue_wait_seconds * 1000,
        'endpoint-down': alerts.endpoint_down_seconds * 1000,
        'spool-growing': alerts.spool_minutes * 60_000,
      },
      runbookUrl: alerts.runbook_url,
      slackChannel: alerts.slack_channel,
    },
  }
}
