import type { ChatMessage } from './chat-model/chat-model.ts'

/** The stages that have a prompt in `config/prompts.yaml`, each with the values its text may use as `{{name}}`. */
export const promptInputs = {
  intent_analysis: ['question', 'history', 'deck', 'space', 'today'],
  tool_loop: ['question', 'space', 'today', 'history'],
  tool_synthesis: ['question', 'language', 'facts', 'tables'],
  narrative_construction: ['question', 'language', 'audience', 'max_slides', 'facts', 'tables'],
  slide: ['question', 'language', 'outline', 'slide', 'facts', 'tables'],
  refine: ['question', 'version', 'language', 'deck', 'facts', 'tables'],
  about_answer: ['question', 'language', 'history', 'deck', 'facts', 'tables'],
  coherence_judge: ['question', 'language', 'answer', 'slides'],
} as const satisfies Record<string, readonly string[]>

export type PromptName = keyof typeof promptInputs

export interface PromptText {
  readonly system: string
  readonly user: string
}

export type Prompts = Readonly<Record<PromptName, PromptText>>

/** The same prompts, with somebody looking on which of them are used. */
export function watchPrompts(prompts: Prompts, onUse: (name: PromptName) => void): Prompts {
  return new Proxy(prompts, {
    get(target, name: PromptName) {
      if (Object.hasOwn(target, name)) onUse(name)
      return target[name]
    },
  })
}

/**
 * Puts values into a prompt. Values are data from people, tables and models: `<` and `&` in them are escaped, so that no
 * value can close its section.
 */
export function fillPrompt<N extends PromptName>(
  prompts: Prompts,
  name: N,
  values: Readonly<Record<(typeof promptInputs)[N][number], string>>,
): ChatMessage[] {
  const given: Readonly<Record<string, string>> = values
  const fill = (text: string): string =>
    text.replace(/\{\{(.*?)\}\}/g, (_all, input: string) => escapeValue(given[input.trim()] ?? ''))
  return [
    { role: 'system', content: fill(prompts[name].system) },
    { role: 'user', content: fill(prompts[name].user) },
  ]
}

function escapeValue(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
