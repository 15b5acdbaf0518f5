/** Whether we may send something to an address that came in with a verified delivery. */
export type Trusts = (url: URL) => boolean

/** The world: https, and a name, so that nobody points us at machines behind our own firewall. */
export const trustsCloud: Trusts = ({ protocol, hostname, username, password }) =>
  protocol === 'https:' && username === '' && password === '' && /^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}$/.test(hostname)

/** This machine, and nothing else. */
export const trustsLoopback: Trusts = ({ protocol, hostname }) =>
  (protocol === 'http:' || protocol === 'https:') &&
  (hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname))
