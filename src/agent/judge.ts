import { z } from 'zod'
import type { Deck } from '../render/deck.ts'
import { visibleTexts } from '../render/html/slide-texts.ts'
import type { Price } from './call-llm.ts'
import type { ChatModel } from './chat-model/chat-model.ts'
import { completeStructured } from './chat-model/structured.ts'
import type { Usage } from './events.ts'
import { fillPrompt, type Prompts } from './prompts.ts'
import { plainText } from './turn-as-text.ts'

/** What a chat model thinks of a finished answer. */
export interface Judgement {
  /** 0 to 1: how well question, answer and slides belong together, and how well one slide leads to the next. */
  readonly coherence: number
  readonly reason: string
  /** Name of the model that judged. */
  readonly model: string
  readonly usage: Usage
}

export interface JudgedAnswer {
  readonly question: string
  readonly answer: string
  readonly deck?: Deck | undefined
  readonly language: string
}

/** Reads finished answers. It gets no data and checks no number: what is right is for code to say. */
export interface Judge {
  /** @throws ChatModelError, or the signal's reason */
  judge(answered: JudgedAnswer, signal: AbortSignal): Promise<Judgement>
}

/** From a model's scale, on which people and models agree more easily than on fractions. */
const best = 5
const Verdict = z.object({ reason: z.string().trim().min(1), score: z.number().int().min(1).max(best) })

export function createJudge(deps: {
  readonly chatModel: ChatModel
  readonly prompts: Prompts
  readonly price: Price
}): Judge {
  const { chatModel, prompts, price } = deps
  return {
    async judge({ question, answer, deck, language }, signal) {
      let usage: Usage = { inputTokens: 0, outputTokens: 0, costUsd: 0 }
      const { value } = await completeStructured({
        complete: async (request, signal) => {
          const completion = await chatModel.complete(request, signal)
          usage = add(usage, completion.usage, price)
          return completion
        },
        name: 'verdict',
        schema: Verdict,
        messages: fillPrompt(prompts, 'coherence_judge', {
          question,
          language,
          answer,
          slides: deck ? slidesAsText(deck) : '',
        }),
        temperature: 0,
        signal,
      })
      return { coherence: (value.score - 1) / (best - 1), reason: value.reason, model: chatModel.name, usage }
    },
  }
}

function slidesAsText(deck: Deck): string {
  return deck.slides
    .map((slide, index) => {
      const [title = '', ...texts] = visibleTexts(slide).map((text) => plainText(text, deck))
      const body = texts.filter((text) => text !== '').map((text) => `   ${text}`)
      return [`${index + 1}. [${slide.layout}] ${title}`, ...body].join('\n')
    })
    .join('\n')
}

function add(usage: Usage, { inputTokens, outputTokens }: Omit<Usage, 'costUsd'>, price: Price): Usage {
  return {
    inputTokens: usage.inputTokens + inputTokens,
    outputTokens: usage.outputTokens + outputTokens,
    costUsd: usage.costUsd + (inputTokens * price.input + outputTokens * price.output) / 1_000_000,
  }
}
