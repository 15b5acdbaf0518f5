/**
 * What cards and messages may have. The rest of the folder asks here and nowhere else.
 * @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages
 */
export const limits = {
  /**
   * A message with its card, in bytes of JSON. Teams takes about 100 KB; 28 KB is the least that any of its ways for
   * cards takes, and what clients draw without delay.
   */
  activityBytes: 28_000,
  /** What a table on a phone has room for side by side: tables do not scroll. */
  tableColumns: 6,
  /** Of a button. Ours: phones cut what is longer. */
  buttonText: 75,
  /** Ours: the whole of what a button cannot show. */
  tooltip: 300,
  /** Ours: of an address, so that one cannot fill a card. */
  url: 1500,
  /** Ours: what a notification shows at most. */
  summary: 300,
  /** @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bot-messages-ai-generated-content#add-citations */
  citationName: 80,
  citationAbstract: 160,
} as const
