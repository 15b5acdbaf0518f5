import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { ChatCompletion, ChatRequest } from '../../../src/agent/chat-model/chat-model.ts'
import { completeStructured } from '../../../src/agent/chat-model/structured.ts'
import { rejection } from '../../support/rejection.ts'

const { signal } = new AbortController()
const Outline = z.object({
  title: z.string(),
  facts: z.array(z.string()).refine((facts) => facts.every((fact) => fact.startsWith('F')), 'facts are F1, F2 …'),
})
const messages = [{ role: 'user', content: 'Write an outline.' }] as const

/** A model that gives these answers in turn, and what it was asked. */
function model(...answers: readonly (string | Partial<ChatCompletion>)[]) {
  const requests: ChatRequest[] = []
  const complete = async (request: ChatRequest): Promise<ChatCompletion> => {
    const answer = answers[requests.length] ?? ''
    requests.push(request)
    return {
      text: '',
      toolCalls: [],
      finishReason: 'stop',
      usage: { inputTokens: 1, outputTokens: 1 },
      model: 'test-model',
      ...(typeof answer === 'string' ? { text: answer } : answer),
    }
  }
  return { complete, requests }
}

const good = '{"title":"Sales","facts":["F1"]}'

describe('completeStructured', () => {
  it('asks with the schema and gives the checked value', async () => {
    const { complete, requests } = model(good)

    const { value, completions } = await completeStructured({
      complete,
      messages,
      schema: Outline,
      name: 'outline',
      signal,
      maxTokens: 500,
    })

    expect(value).toEqual({ title: 'Sales', facts: ['F1'] })
    expect(completions).toHaveLength(1)
    expect(requests).toEqual([
      {
        messages,
        maxTokens: 500,
        responseSchema: {
          name: 'outline',
          schema: expect.objectContaining({ type: 'object', required: ['title', 'facts'] }),
        },
      },
    ])
  })

  it.each([
    [
      'a wrong form',
      '{"title":7}',
      'title: expected string, received number; facts: expected array, received undefined',
    ],
    ['a broken rule', '{"title":"Sales","facts":["12"]}', 'facts: facts are F1, F2 …'],
    ['prose', 'Sure! Which data?', 'the answer holds no JSON object'],
    [
      'half an answer',
      { text: '{"title":"Sal', finishReason: 'length' } as const,
      'the answer was cut off before its end',
    ],
  ])('sends %s back once with what is wrong', async (_what, bad, problem) => {
    const { complete, requests } = model(bad, good)

    const { value, completions } = await completeStructured({
      complete,
      messages,
      schema: Outline,
      name: 'outline',
      signal,
    })

    expect(value.title).toBe('Sales')
    expect(completions).toHaveLength(2)
    expect(requests[1]?.messages).toEqual([
      ...messages,
      { role: 'assistant', content: typeof bad === 'string' ? bad : bad.text },
      { role: 'user', content: expect.stringContaining(problem) },
    ])
    expect(requests[1]?.responseSchema).toEqual(requests[0]?.responseSchema)
  })

  it('does not send back an empty message, which servers refuse', async () => {
    const { complete, requests } = model('', good)

    await completeStructured({ complete, messages, schema: Outline, name: 'outline', signal })

    expect(requests[1]?.messages.map((message) => message.role)).toEqual(['user', 'user'])
  })

  it('fails after one repair, with both problems for the operator and none for the person', async () => {
    const { complete, requests } = model('no', '{"title":"Sales"}', good)

    const error = await rejection(completeStructured({ complete, messages, schema: Outline, name: 'outline', signal }))

    expect(requests).toHaveLength(2)
    expect(error).toMatchObject({
      name: 'ChatModelError',
      code: 'bad-answer',
      message:
        'Cannot read "outline" from test-model after one repair: facts: expected array, received undefined; at first: the answer holds no JSON object',
      userMessage: 'The language model gave an answer that we cannot use. Please try again, or ask in other words.',
    })
  })

  it('does not argue with a content filter', async () => {
    const { complete, requests } = model({ finishReason: 'content-filter' })

    const error = await rejection(completeStructured({ complete, messages, schema: Outline, name: 'outline', signal }))

    expect(error).toMatchObject({ code: 'bad-answer', userMessage: expect.stringContaining('declines') })
    expect(requests).toHaveLength(1)
  })

  it('passes on what the model call throws', async () => {
    const complete = async () => Promise.reject(new Error('no connection'))

    await expect(completeStructured({ complete, messages, schema: Outline, name: 'outline', signal })).rejects.toThrow(
      'no connection',
    )
  })

  it('refuses a schema that cannot be asked for before it asks', async () => {
    const { complete, requests } = model(good)
    const schema = z.object({ a: z.union([z.string(), z.number()]) })

    await expect(completeStructured({ complete, messages, schema, name: 'x', signal })).rejects.toThrow(TypeError)
    expect(requests).toEqual([])
  })
})
