import type { IncomingHttpHeaders } from 'node:http'
import type { Authenticator } from '../auth/authenticate.ts'
import type { Identity } from '../auth/caller.ts'
import { isSameOrigin } from '../auth/origin.ts'
import type { ApiContext, ApiDependencies, RequestInfo } from './context.ts'

export interface IncomingRequest {
  headers: IncomingHttpHeaders
  /** Client address, after trusted proxies. */
  address: string
  transport: RequestInfo['transport']
}

/** The context of one request or one WebSocket, whose caller may be `known` already. Throws `unavailable` while the database is away. */
export async function createRequestContext(
  dependencies: ApiDependencies,
  authenticator: Authenticator,
  request: IncomingRequest,
  known?: Identity,
): Promise<ApiContext> {
  return {
    ...dependencies,
    identity: known ?? (await authenticator.identify(request.headers, request.address)),
    address: request.address,
    userAgent: request.headers['user-agent'],
    sameOrigin: isSameOrigin(request.headers, dependencies.config),
    transport: request.transport,
  }
}
