import type { Fault, RouteKind } from '../faults.ts'
import type { Reply } from './reply.ts'

/** A request as a route sees it. */
export interface RouteRequest {
  /** Variable parts of the path, decoded. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
  /** Parsed JSON; undefined when there was no body. */
  readonly json: unknown
  readonly text: string
  /** The body as it came. */
  readonly bytes: Uint8Array
  /** A fault that changes what the route does, not how the reply travels. */
  readonly fault: Fault | undefined
  /** Aborts when the caller has gone or the workspace closes. */
  readonly signal: AbortSignal
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path with `:name` for one variable segment; a last `*` stands for all that follow, and is the variable `*`. */
  readonly path: string
  /** What faults call it; routes without one cannot fail on purpose. */
  readonly kind?: RouteKind
  /** Reachable without credentials. */
  readonly open?: boolean
  /** False leaves a request with these variable parts to the routes behind this one. */
  readonly applies?: (params: Readonly<Record<string, string>>) => boolean
  /** Takes bytes of any kind, and more of them than a JSON call. */
  readonly raw?: boolean
  handle(request: RouteRequest): Reply | Promise<Reply>
}

/** The route for a request and the variable parts of its path; undefined when there is none. */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { readonly route: Route; readonly params: Readonly<Record<string, string>> } | undefined {
  const segments = path.split('/')
  for (const route of routes) {
    const pattern = route.path.split('/')
    const open = pattern.at(-1) === '*'
    if (route.method !== method || (open ? pattern.length > segments.length : pattern.length !== segments.length))
      continue
    const params: Record<string, string> = {}
    const fits = pattern.every((part, index) => {
      const segment = segments[index] ?? ''
      if (open && index === pattern.length - 1) {
        params['*'] = segments.slice(index).map(decode).join('/')
        return segment !== ''
      }
      if (!part.startsWith(':')) return part === segment
      params[part.slice(1)] = decode(segment)
      return segment !== ''
    })
    if (fits && route.applies?.(params) !== false) return { route, params }
  }
  return undefined
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
