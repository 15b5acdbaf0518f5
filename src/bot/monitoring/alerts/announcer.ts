import type { Spot } from '../../chat/place.ts'
import type { Said, Voice } from '../../chat/voice.ts'

/** Something operators are to know, in no platform's words. */
export interface Announcement {
  /** False: it is over. */
  readonly isOn: boolean
  /** "dev: Many turns fail" */
  readonly title: string
  /** What was seen, with figures. */
  readonly text: string
  /** What to do about it; '' where there is nothing to do. */
  readonly advice: string
  /** Where to read on: an address, or a file and its section. */
  readonly runbook: string
}

/** A place where operators read. */
export interface Announcer {
  /** Of a kind each: one announcer for each name. */
  readonly name: string
  /** @throws PortError */
  announce(announcement: Announcement): Promise<void>
}

/** Says it in a channel of a chat platform. */
export function createAnnouncer(name: string, voice: Pick<Voice, 'say'>, spot: Spot): Announcer {
  return {
    name,
    async announce(announcement) {
      await voice.say(spot, toSaid(announcement))
    },
  }
}

function toSaid({ isOn, title, text, advice, runbook }: Announcement): Said {
  if (!isOn) return ['✅ ', { bold: `${title}: over` }, `\n${text}`]
  const readOn = /^https?:/.test(runbook) ? { link: runbook, label: 'Runbook' } : `Runbook: ${runbook}`
  return ['🚨 ', { bold: title }, `\n${text}\n${advice} `, readOn]
}
