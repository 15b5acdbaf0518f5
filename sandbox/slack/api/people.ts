import { SlackError } from './error.ts'
import type { MethodDeps, Methods } from './method.ts'

/** Who the app is, and who is there. */
export function peopleMethods({ state }: MethodDeps): Methods {
  return {
    'auth.test': {
      tier: 'none',
      handle({ team }) {
        return {
          url: `${state.url()}/`,
          team: team.name,
          user: 'deckhand',
          team_id: team.ids.team,
          user_id: team.ids.botUser,
          bot_id: team.ids.bot,
          is_enterprise_install: false,
        }
      },
    },
    'team.info': {
      scopes: ['team:read'],
      tier: 3,
      handle({ team }) {
        return {
          team: { id: team.ids.team, name: team.name, domain: team.domain, email_domain: '', url: `${state.url()}/` },
        }
      },
    },
    'users.info': {
      scopes: ['users:read'],
      tier: 4,
      handle({ args, team }) {
        const person = state.people.get(args.required('user'))
        if (!person || person.team !== team.ids.team) throw new SlackError('user_not_found')
        return {
          user: {
            id: person.id,
            team_id: person.team,
            name: person.name.toLowerCase(),
            deleted: false,
            real_name: person.realName,
            tz: 'Europe/London',
            locale: 'en-GB',
            profile: { real_name: person.realName, display_name: person.name },
            is_bot: person.isBot,
          },
        }
      },
    },
  }
}
