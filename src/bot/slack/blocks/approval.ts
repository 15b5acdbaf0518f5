import { z } from 'zod'
import { parseJson } from '../../../lib/json.ts'
import { limits } from '../limits.ts'
import { type Block, plain, section } from './elements.ts'

/** The button that lets a plan begin. */
export const approveActionId = 'deckhand.approve'

const Approval = z.object({
  environment: z.string().regex(/^[a-z0-9-]{1,60}$/),
  plan: z.string().regex(/^[\da-f]{4,64}$/),
})
/** A plan that waits for another admin. */
export type Approval = z.infer<typeof Approval>

const Press = z.looseObject({
  team: z.object({ id: z.string() }).nullish(),
  user: z.object({ id: z.string(), team_id: z.string().nullish() }),
  container: z.looseObject({ message_ts: z.string(), channel_id: z.string(), thread_ts: z.string().nullish() }),
  actions: z.array(z.looseObject({ action_id: z.literal(approveActionId), value: z.string() })).min(1),
})

export function approvalBlocks(text: string, approval: Approval): Block[] {
  const { environment, plan } = approval
  return [
    section(text),
    {
      type: 'actions',
      elements: [
        {
          type: 'button',
          style: 'primary',
          text: plain('Approve', limits.buttonText),
          action_id: approveActionId,
          value: JSON.stringify(approval),
          confirm: {
            title: plain(`Release to ${environment}?`, 100),
            text: plain(`Plan ${plan} begins at once.`, 300),
            confirm: plain('Approve', 30),
            deny: plain('Not now', 30),
          },
        },
      ],
    },
  ]
}

/** Who approves what, and in which thread. Undefined when it cannot be read. */
export function parseApproval(
  body: unknown,
):
  | (Approval & { readonly team: string; readonly user: string; readonly channel: string; readonly root: string })
  | undefined {
  const parsed = Press.safeParse(body)
  const approval = Approval.safeParse(parseJson(parsed.data?.actions[0]?.value ?? ''))
  if (!parsed.success || !approval.success) return undefined
  const { team, user, container } = parsed.data
  return {
    ...approval.data,
    team: team?.id ?? user.team_id ?? '',
    user: user.id,
    channel: container.channel_id,
    root: container.thread_ts ?? container.message_ts,
  }
}
