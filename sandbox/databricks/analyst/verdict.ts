import type { ChatBrainRequest } from '../chat-brain.ts'
import { section } from './prompt.ts'

/**
 * The sandbox's judge of a finished answer: counts which of the question's longer words the answer and the slides take
 * up, and whether a slide repeats another one's title.
 */
export function verdict(request: ChatBrainRequest): { readonly reason: string; readonly score: number } {
  const said = `${section(request, 'answer')}\n${section(request, 'slides')}`.toLowerCase()
  const words = [
    ...new Set(
      section(request, 'question')
        .toLowerCase()
        .match(/\p{L}{5,}/gu),
    ),
  ]
  const missing = words.filter((word) => !said.includes(word.replace(/s$/, '')))
  const titles = [...section(request, 'slides').matchAll(/^\d+\. \[\w+\] (.+)$/gm)].map(([, title = '']) => title)
  const repeated = titles.length - new Set(titles).size
  const score = Math.max(1, 5 - Math.min(3, missing.length) - Math.min(1, repeated))
  if (score === 5) return { reason: 'Answer and slides take up every word of the question.', score }
  const flaws = [
    ...(missing.length > 0 ? [`Nothing is said about ${missing.join(', ')}.`] : []),
    ...(repeated > 0 ? [`${repeated} slides repeat the title of another one.`] : []),
  ]
  return { reason: flaws.join(' '), score }
}
