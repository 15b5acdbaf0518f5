import type { types } from '@slack/bolt'
import { z } from 'zod'
import { parseJson } from '../../../lib/json.ts'
import { plain, section } from '../blocks/elements.ts'
import { preformatted } from './modal.ts'

/** The question before a command that changes something. */
export const releaseViewId = 'deckhand.release'

const Confirmed = z.object({ channel: z.string().regex(/^\w+$/), words: z.string().max(1000) })
/** What is confirmed, and where it was said. */
export type Confirmed = z.infer<typeof Confirmed>

const Submission = z.looseObject({
  team: z.object({ id: z.string() }).nullish(),
  user: z.object({ id: z.string(), team_id: z.string().nullish() }),
  view: z.looseObject({ callback_id: z.literal(releaseViewId), private_metadata: z.string() }),
})

/** `about`: what would change, as far as it is known yet. */
export function releaseView(confirmed: Confirmed, about: string): types.ModalView {
  return {
    type: 'modal',
    callback_id: releaseViewId,
    private_metadata: JSON.stringify(confirmed),
    title: plain('Release', 24),
    submit: plain('Do it', 24),
    close: plain('Cancel', 24),
    blocks: [section(`/deckhand ${confirmed.words}`), ...preformatted(about)],
  }
}

/** Undefined when it is another view, or one that cannot be read. */
export function parseReleaseSubmission(
  body: unknown,
): (Confirmed & { readonly team: string; readonly user: string }) | undefined {
  const parsed = Submission.safeParse(body)
  const confirmed = Confirmed.safeParse(parseJson(parsed.data?.view.private_metadata ?? ''))
  if (!parsed.success || !confirmed.success) return undefined
  const { team, user } = parsed.data
  return { ...confirmed.data, team: team?.id ?? user.team_id ?? '', user: user.id }
}
