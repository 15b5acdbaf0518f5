import { deckToCsv } from '../../render/office/deck-to-csv.ts'
import type { RenderedFile } from '../../render/renderer.ts'
import type { ChatPort } from '../chat-port.ts'
import type { Conversations } from '../conversation.ts'
import { deckFileName } from '../deck-file-name.ts'
import type { Decks } from '../decks.ts'
import type { Links } from '../links.ts'
import type { Written } from './heard.ts'
import type { Once } from './once.ts'
import { toOrigin } from './origin.ts'
import { spotIn, threadAt, turnIdAt } from './place.ts'
import type { SaidPart, Voice } from './voice.ts'

/** The data behind a thread's deck, when somebody writes "csv". */
export interface CsvFiles {
  /** Puts every table into the thread, or links to them where the platform takes no such files. @throws PortError */
  send(asked: Written): Promise<void>
}

const withinMs = 60_000

export function createCsvFiles(deps: {
  readonly conversations: Conversations
  readonly decks: Decks
  readonly links: Links
  readonly port: ChatPort
  readonly voice: Voice
  readonly once: Once
}): CsvFiles {
  const { conversations, decks, links, port, voice, once } = deps
  return {
    async send({ place, root, user, text, sentAt }) {
      if (!(await once.claim(turnIdAt(place)))) return
      const thread = threadAt(root)
      const { deck } = await conversations.load(thread)
      if (!deck || deck.tables.length === 0) {
        await voice.say(spotIn(root), 'There is no data in this thread yet. Ask me a question first.')
        return
      }
      const names = new Map(deck.tables.map(({ id, title }) => [`${id}.csv`, deckFileName(title || id, 'deck.csv')]))
      const files = deckToCsv(deck).map(({ name, bytes }): RenderedFile => ({
        format: 'csv',
        name: names.get(name) ?? name,
        mediaType: 'text/csv',
        bytes,
      }))
      const message = {
        id: turnIdAt(place),
        thread,
        text,
        user: { id: user },
        sentAt,
        isPrivate: root.isDirect,
        origin: toOrigin(place),
      }
      const sent = new Set(await port.addFiles(message, files, AbortSignal.timeout(withinMs)))
      const missing = deck.tables.filter(({ id }) => !sent.has(names.get(`${id}.csv`) ?? ''))
      if (missing.length === 0) return
      const key = decks.keyOf(thread)
      const lines = missing.flatMap(({ id, title }): SaidPart[] => {
        return ['\n', { link: links.to(key, deck.version, `${id}.csv`), label: title || id }]
      })
      await voice.say(spotIn(root), ['The data behind the deck:', ...lines])
    },
  }
}
