import { flag, record, text, typed, type Check } from './check.ts'

interface TextLimits {
  readonly max: number
  readonly min?: number
}

const plainText = (limits: TextLimits): Check => record({ required: { text: text(limits) }, optional: { emoji: flag } })
const mrkdwnText = (limits: TextLimits): Check =>
  record({ required: { text: text(limits) }, optional: { verbatim: flag } })

/** A `plain_text` object. */
export const plain = (limits: TextLimits): Check => typed({ plain_text: plainText(limits) })
/** A `mrkdwn` object. */
export const mrkdwn = (limits: TextLimits): Check => typed({ mrkdwn: mrkdwnText(limits) })
/** Either of them. */
export const anyText = (limits: TextLimits): Check =>
  typed({ plain_text: plainText(limits), mrkdwn: mrkdwnText(limits) })
