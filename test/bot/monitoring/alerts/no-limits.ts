import type { AlertSettings } from '../../../../src/bot/monitoring/alerts/rules.ts'

/** All alerts turned off. */
export const noLimits: AlertSettings['limits'] = {
  'error-rate': 0,
  'slow-turns': 0,
  'daily-cost': 0,
  'queue-wait': 0,
  'endpoint-down': 0,
  'spool-growing': 0,
}
