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
  /** A fault that changes what the route does, not how the reply travels. */
  readonly fault: Fault | undefined
  /** Aborts when the caller has gone or the workspace closes. */
  readonly signal: AbortSignal
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Path with `:name` for one variable segment. */
  readonly path: string
  /** What faults call it; routes without one cannot fail on purpose. */
  readonly kind?: RouteKind
  /** Reachable without credentials. */
  readonly open?: boolean
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
    if (route.method !== method || pattern.length !== segments.length) continue
    const params: Record<string, string> = {}
    const fits = pattern.every((part, index) => {
      const segment = segments[index] ?? ''
      if (!part.startsWith(':')) return part === segment
      params[part.slice(1)] = decode(segment)
      return segment !== ''
    })
    if (fits) return { route, params }
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
