/**
 * The page's line to the stand-in: the state at the start, changes as they come, and what the person does.
 *
 * @typedef {object} Listeners
 * @property {(state: import('../shown.ts').Shown) => void} state everything, at the start and after the line was cut
 * @property {(message: import('../shown.ts').ShownMessage) => void} message
 * @property {(views: readonly import('../contract.ts').OpenView[]) => void} views
 * @property {(places: { channels: readonly import('../shown.ts').ShownChannel[] }) => void} places
 * @property {(status: import('../shown.ts').ShownStatus) => void} status
 * @property {(isOn: boolean) => void} connected
 */

/**
 * @param {string} me who the person is
 * @param {Listeners} listeners
 */
export function listen(me, listeners) {
  const source = new EventSource(`/page/events?as=${encodeURIComponent(me)}`)
  for (const name of /** @type {const} */ (['state', 'message', 'views', 'places', 'status'])) {
    source.addEventListener(name, (event) => listeners[name](JSON.parse(event.data)))
  }
  source.addEventListener('open', () => listeners.connected(true))
  source.addEventListener('error', () => listeners.connected(false))
  return { close: () => source.close() }
}

/**
 * @param {string} me
 * @param {string} what `say`, `press`, `submit` …
 * @param {Record<string, unknown>} details
 * @returns {Promise<{ ts?: string, channel?: string, problem?: string }>} what came of it; `problem` is for the person
 * @throws Error with words for the person
 */
export async function act(me, what, details) {
  const response = await fetch('/page/do', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ as: me, what, ...details }),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.error ?? 'That did not work')
  return answer
}

/** @returns {Promise<readonly import('../shown.ts').ShownPerson[]>} who a visitor can be */
export async function loadPeople() {
  const response = await fetch('/page/people')
  return await response.json()
}
