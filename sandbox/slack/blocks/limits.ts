/**
 * What Slack takes, in characters and items (chat-platforms.md §2.9).
 * @see https://docs.slack.dev/reference/block-kit/blocks
 */
export const blockLimits = {
  perMessage: 50,
  perView: 100,
  blockId: 255,
  actionId: 255,
  sectionText: 3000,
  sectionFields: 10,
  sectionField: 2000,
  header: 150,
  imageTitle: 2000,
  altText: 2000,
  url: 3000,
  markdown: 12_000,
  actions: 25,
  context: 10,
  contextActions: 5,
  buttonText: 75,
  buttonValue: 2000,
  accessibilityLabel: 75,
  overflowOptions: 5,
  selectOptions: 100,
  choices: 10,
  optionText: 75,
  optionValue: 150,
  placeholder: 150,
  inputLabel: 2000,
  inputHint: 2000,
  inputMax: 3000,
  cardTitle: 150,
  cardBody: 200,
  cardActions: 3,
  carousel: 10,
  container: 10,
  tableRows: 100,
  tableColumns: 20,
  /** Over all cells of a table. @see https://docs.slack.dev/reference/block-kit/blocks/table-block */
  tableText: 10_000,
  alert: 200,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  viewTitle: 24,
  viewButton: 24,
  privateMetadata: 3000,
  callbackId: 255,
  viewBytes: 250_000,
} as const

export const messageLimits = {
  /** `chat.postMessage` cuts longer text off. */
  postedText: 40_000,
  /** `chat.update` refuses longer text. */
  updatedText: 4000,
  markdownText: 12_000,
  /** All blocks together; observed, not documented (bolt-js#2509). */
  blocksTotal: 13_200,
  metadata: 16_384,
} as const
