/**
 * What Slack takes, in characters and items. The rest of the folder asks here and nowhere else.
 * @see https://docs.slack.dev/reference/block-kit/blocks
 */
export const limits = {
  /** Of a message. @see https://docs.slack.dev/block-kit */
  blocks: 50,
  /**
   * All texts of a message's blocks together. Slack refuses somewhat above 13,000 with `msg_blocks_too_long`; observed,
   * not documented (bolt-js#2509), so there is a margin.
   */
  blocksText: 11_000,
  /** `text` of `chat.update`. @see https://docs.slack.dev/reference/methods/chat.update */
  messageText: 4000,
  /** @see https://docs.slack.dev/reference/block-kit/blocks/section-block */
  section: 3000,
  /** @see https://docs.slack.dev/reference/block-kit/blocks/actions-block */
  actions: 25,
  /** @see https://docs.slack.dev/reference/block-kit/blocks/context-block */
  contextElements: 10,
  /** @see https://docs.slack.dev/reference/block-kit/block-elements/button-element */
  buttonText: 75,
  url: 3000,
  /** @see https://docs.slack.dev/reference/block-kit/composition-objects/option-object */
  optionText: 75,
  optionValue: 150,
  /** @see https://docs.slack.dev/reference/block-kit/blocks/image-block */
  altText: 2000,
  /** @see https://docs.slack.dev/reference/block-kit/blocks/table-block */
  tableColumns: 20,
  /** Of an uploaded file. @see https://docs.slack.dev/reference/methods/files.getUploadURLExternal */
  fileAltText: 1000,
} as const

/** How often and how long, in milliseconds. @see https://docs.slack.dev/apis/web-api/rate-limits */
export const pace = {
  /** `chat.update` is tier 3: 50 and more a minute for a workspace. One message is never edited faster than this. */
  editIntervalMs: 1200,
  /** For one call, its answer included. */
  callMs: 15_000,
  /** For sending a file's bytes. */
  uploadMs: 30_000,
  /** How long Slack may take to process a picture; until then blocks cannot use it (java-slack-sdk#1349). */
  processingMs: 10_000,
  /** A status goes by itself after two minutes. @see https://docs.slack.dev/reference/methods/assistant.threads.setStatus */
  statusMs: 90_000,
} as const
