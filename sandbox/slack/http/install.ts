import type { OAuth } from '../api/oauth.ts'
import { sandboxSlackCredentials } from '../contract.ts'
import type { State } from '../state.ts'
import type { HttpReply, HttpRequest } from '../../local/http-server.ts'

/** The page on which a person lets the app into a workspace: `GET` shows it, `POST` agrees and goes back to the app. */
export function answerInstall(state: State, oauth: OAuth, request: HttpRequest): HttpReply {
  if (request.method === 'POST') {
    const form = new URLSearchParams(request.body.toString('utf8'))
    const next = oauth.agree(request.query, form.get('team') ?? '')
    return next === undefined
      ? refuse('This request cannot be granted')
      : { status: 302, headers: { location: next }, body: '' }
  }
  if (request.query.get('client_id') !== sandboxSlackCredentials.clientId) return refuse('invalid_client_id')
  if (!URL.canParse(request.query.get('redirect_uri') ?? '')) return refuse('bad_redirect_uri')
  const scopes = (request.query.get('scope') ?? '').split(',').filter(Boolean)
  const unknown = scopes.filter((scope) => !state.manifest.scopes.includes(scope))
  if (unknown.length > 0) return refuse(`invalid_scope: ${unknown.join(', ')}`)
  const teams = [...state.teams.values()].map(
    ({ ids, name }) => `<button class="suggestion" name="team" value="${ids.team}">Allow in ${escape(name)}</button>`,
  )
  return page(
    200,
    `<h1>Deckhand asks to join a workspace</h1>
     <p>It will be able to:</p><ul>${scopes.map((scope) => `<li><code>${escape(scope)}</code></li>`).join('')}</ul>
     <form method="post">${teams.join('')}</form>`,
  )
}

const refuse = (reason: string): HttpReply =>
  page(400, `<h1>Something is wrong with this request</h1><p>${escape(reason)}</p>`)

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** `form-action` is open because browsers apply it to where a form's answer redirects too. */
function page(status: number, content: string): HttpReply {
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    },
    body: `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Install · Slack stand-in</title><link rel="stylesheet" href="/page/style.css">
<main class="install"><p class="hint"><strong>Slack stand-in</strong> · sandbox</p>${content}</main></html>`,
  }
}
