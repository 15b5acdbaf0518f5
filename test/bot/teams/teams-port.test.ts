import type { Message } from '../../../sandbox/teams/contract.ts'
import { decodeThreadId } from '../../../src/bot/thread.ts'
import type { IncomingMessage } from '../../../src/bot/message.ts'
import { describeChatPort, type PortCall, type PortFault, type PortUnderTest } from '../../contracts/chat-port.ts'
import { openTeamsBench, type ChatKind } from '../../support/teams-bench.ts'

const isOffer = ({ attachments }: Message): boolean =>
  attachments.some(({ contentType }) => contentType.includes('consent'))

async function open(kind: ChatKind): Promise<PortUnderTest> {
  const bench = await openTeamsBench(kind)
  const { teams, side } = bench
  const shown = (posted: string, { thread }: IncomingMessage): Message | undefined => {
    const id = posted.replace(/^stream:/, '')
    return teams.messages(decodeThreadId(thread).channel).find((message) => message.id === id)
  }
  return {
    port: side.port,
    another: () => bench.another().port,
    ask: (text, after) => bench.ask(text, after),
    textOf: (posted, message) => JSON.stringify([shown(posted, message)?.text, shown(posted, message)?.attachments]),
    picturesOf: (posted, message) =>
      JSON.stringify(shown(posted, message)?.attachments).split('"type":"Image"').length - 1,
    countReplies: (message) => bench.replies(message).filter((reply) => !isOffer(reply)).length,
    async filesIn(message) {
      return bench
        .replies(message)
        .filter(isOffer)
        .flatMap(({ attachments }) => attachments.map(({ name }) => name ?? ''))
    },
    next(call: PortCall, fault: PortFault) {
      // What began as a stream ends as one: its last part is sent, not edited in.
      const method = call === 'edit' && kind !== 'personal' ? 'update' : 'send'
      if (fault === 'busy') teams.faults.rateLimit(method, 7)
      else if (fault === 'gone') teams.faults.fail(method, 403, 'BotNotInConversationRoster', 'Not part of it.')
      else if (fault === 'unavailable') teams.faults.failHttp(method, 500)
      else if (fault === 'lost') teams.faults.loseReply(method)
      else teams.faults.slow(method, 60_000)
    },
    [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
  }
}

// Teams lets no bot read a conversation back: a reply is found by our own notes. Pictures wait in Redis until Teams fetches
// them. Files go into a person's OneDrive, so only where a person is alone with the bot.
describeChatPort('Teams in a channel', () => open('channel'), {
  withoutPlatform: ['find', 'picture', 'files'],
  takes: () => false,
  readsBack: false,
})
describeChatPort('Teams in a group', () => open('group'), {
  withoutPlatform: ['find', 'picture', 'files'],
  takes: () => false,
  readsBack: false,
})
describeChatPort('Teams in a personal chat', () => open('personal'), {
  withoutPlatform: ['find', 'picture'],
  takes: ({ format }) => format === 'pdf' || format === 'pptx',
  readsBack: false,
})
