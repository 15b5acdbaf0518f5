/** What Teams takes; the rest of the folder asks here and nowhere else. Cards have limits of their own, in `cards/`. */
export const limits = {
  /** Of an informative update of a stream. @see https://learn.microsoft.com/microsoftteams/platform/bots/streaming-ux */
  informative: 1000,
  /** Of a picture in a card. @see https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format */
  pictureWidthPx: 1024,
  pictureBytes: 1024 * 1024,
  /** Ours: a file that waits for consent waits in Redis. */
  fileBytes: 16 * 1024 * 1024,
} as const

/** How often and how long, in milliseconds. */
export const pace = {
  /** Two windows below would allow half of this; a chat has other messages, too. */
  editIntervalMs: 2000,
  /** For one call, its answer included. */
  callMs: 10_000,
  /** For Redis to keep where a delivery came from, before anything else is done about it. */
  keepMs: 2000,
  /** For sending a file's bytes. */
  uploadMs: 60_000,
  /** For Microsoft's keys to arrive, when a delivery is signed by one we do not know. */
  verifyMs: 5000,
  /** A stream has two minutes; it is ended before they are over. @see https://learn.microsoft.com/microsoftteams/platform/bots/streaming-ux */
  streamMs: 100_000,
  /** A file can be taken for that long. */
  consentMs: 3_600_000,
  /** Longest pause between two tries of one call; who is asked to wait longer hands that on. */
  retryWithinMs: 3000,
} as const

/**
 * Calls in a time, for each bot and conversation. All workers together keep to them.
 * @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
 */
export const callWindows = [
  { calls: 7, ms: 1000 },
  { calls: 8, ms: 2000 },
  { calls: 60, ms: 30_000 },
  { calls: 1800, ms: 3_600_000 },
] as const
