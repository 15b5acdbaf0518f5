import { isRecord, string } from '../../local/json.ts'
import { all, flag, items, number, oneOf, record, rule, text, typed, url, type Check } from './check.ts'
import { blockLimits as limits } from './limits.ts'
import { anyText, mrkdwn, plain } from './text-objects.ts'

const id = text({ max: limits.actionId })
const label = text({ max: limits.accessibilityLabel })
const placeholder = { placeholder: plain({ max: limits.placeholder }) }
const focusable = { focus_on_load: flag }

const confirm = record({
  required: { title: plain({ max: limits.confirmTitle }), text: anyText({ max: limits.confirmText }) },
  optional: {
    confirm: plain({ max: limits.confirmButton }),
    deny: plain({ max: limits.confirmButton }),
    style: oneOf('primary', 'danger'),
  },
})
const actionable = { action_id: id, confirm }

const option = (kind: Check): Check =>
  record({
    required: { text: kind, value: text({ max: limits.optionValue }) },
    optional: { description: plain({ max: limits.optionText }), url: url({ max: limits.url }) },
  })
const menuOption = option(plain({ max: limits.optionText }))
const choice = option(anyText({ max: limits.optionText }))
const optionGroup = record({
  required: {
    label: plain({ max: limits.optionText }),
    options: items(menuOption, { min: 1, max: limits.selectOptions }),
  },
})

/** A picture: at a public address, or a file that Slack has and is done with. */
export const pictureSource = {
  image_url: url({ max: limits.url, isFetched: true }),
  slack_file: ((value, at, context) => {
    const shape = record({ optional: { id: text({ max: 255 }), url: url({ max: limits.url }) } })(value, at, context)
    if (shape.length > 0) return shape
    const { id: fileId, url: fileUrl } = isRecord(value) ? value : {}
    const named = string(fileId) || (/\/[A-Z0-9]+-(F[A-Z0-9]+)\//.exec(string(fileUrl))?.[1] ?? '')
    return context.fileState(named) === 'ready' ? [] : [`invalid slack file [json-pointer:${at}]`]
  }) satisfies Check,
}

export const hasPicture: Check = rule(
  (value) => (value['image_url'] === undefined) !== (value['slack_file'] === undefined),
  'must have either image_url or slack_file',
)

export const image: Check = record({
  required: { alt_text: text({ max: limits.altText }) },
  optional: pictureSource,
  also: hasPicture,
})

export const button: Check = record({
  required: { text: plain({ max: limits.buttonText }) },
  optional: {
    ...actionable,
    url: url({ max: limits.url }),
    value: text({ max: limits.buttonValue, min: 0 }),
    style: oneOf('primary', 'danger'),
    accessibility_label: label,
  },
})

const feedbackButton = record({
  required: { text: plain({ max: limits.buttonText }), value: text({ max: limits.buttonValue }) },
  optional: { accessibility_label: label },
})

export const contextActionElement: Check = typed({
  feedback_buttons: record({
    required: { positive_button: feedbackButton, negative_button: feedbackButton },
    optional: { action_id: id },
  }),
  icon_button: record({
    required: { icon: oneOf('trash'), text: plain({ max: limits.buttonText }) },
    optional: {
      ...actionable,
      value: text({ max: limits.buttonValue, min: 0 }),
      accessibility_label: label,
      visible_to_user_ids: items(id, { min: 0, max: 100 }),
    },
  }),
})

const selectBase = { ...actionable, ...placeholder, ...focusable }
const staticSelect = record({
  optional: {
    ...selectBase,
    options: items(menuOption, { min: 1, max: limits.selectOptions }),
    option_groups: items(optionGroup, { min: 1, max: limits.selectOptions }),
    initial_option: menuOption,
    max_selected_items: number({ min: 1, max: limits.selectOptions }),
    initial_options: items(menuOption, { min: 0, max: limits.selectOptions }),
  },
  also: rule(
    (value) => (value['options'] === undefined) !== (value['option_groups'] === undefined),
    'must have either options or option_groups',
  ),
})
const pickPerson = record({ optional: { ...selectBase, initial_user: id } })
const pickChannel = record({
  optional: {
    ...selectBase,
    initial_channel: id,
    initial_conversation: id,
    default_to_current_conversation: flag,
    response_url_enabled: flag,
    filter: record({
      optional: {
        include: items(oneOf('im', 'mpim', 'private', 'public'), { min: 1, max: 4 }),
        exclude_external_shared_channels: flag,
        exclude_bot_users: flag,
      },
    }),
  },
})

/** What can be pressed or picked, in `actions` and beside a section. */
const menus = {
  button,
  overflow: record({
    required: { options: items(menuOption, { min: 1, max: limits.overflowOptions }) },
    optional: actionable,
  }),
  static_select: staticSelect,
  multi_static_select: staticSelect,
  users_select: pickPerson,
  conversations_select: pickChannel,
  channels_select: pickChannel,
  checkboxes: record({
    required: { options: items(choice, { min: 1, max: limits.choices }) },
    optional: { ...actionable, ...focusable, initial_options: items(choice, { min: 1, max: limits.choices }) },
  }),
  radio_buttons: record({
    required: { options: items(choice, { min: 1, max: limits.choices }) },
    optional: { ...actionable, ...focusable, initial_option: choice },
  }),
  datepicker: record({ optional: { ...selectBase, initial_date: id } }),
  timepicker: record({ optional: { ...selectBase, initial_time: id, timezone: id } }),
} as const

export const actionElement: Check = typed(menus)
export const accessory: Check = typed({ ...menus, image })
export const contextElement: Check = typed({
  image,
  plain_text: plain({ max: limits.sectionText }),
  mrkdwn: mrkdwn({ max: limits.sectionText }),
})

/** Fields of a modal. */
export const inputElement: Check = typed({
  ...menus,
  plain_text_input: record({
    optional: {
      action_id: id,
      ...placeholder,
      ...focusable,
      initial_value: text({ max: limits.inputMax, min: 0 }),
      multiline: flag,
      min_length: number({ min: 0, max: limits.inputMax }),
      max_length: number({ min: 1, max: limits.inputMax }),
      dispatch_action_config: record({ optional: { trigger_actions_on: items(id, { min: 1, max: 2 }) } }),
    },
  }),
  number_input: record({
    required: { is_decimal_allowed: flag },
    optional: { action_id: id, ...placeholder, ...focusable, initial_value: id, min_value: id, max_value: id },
  }),
  button: all(rule(() => false, 'unsupported type: button')),
})
