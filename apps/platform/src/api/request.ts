import type { IncomingHttpHeaders } from 'node:http'
import type { Authenticator } from '../auth/authenticate.ts'
import { isSameOrigin } from '../auth/origin.ts'
import type { ApiContext, ApiDependencies, RequestInfo } from './context.ts'

export interface IncomingRequest {
  headers: IncomingHttpHeaders
  /** Client address, after trusted proxies. */
  address: string
  transport: RequestInfo['transport']
}

/** The context of one request or one WebSocket. Throws `unavailable` while the database is away. */
export async function createRequestContext(
  dependencies: ApiDependencies,
  authenticator: Authenticator,
  request: IncomingRequest,
): Promise<ApiContext> {
  return {
    ...dependencies,
    identity: await authenticator.identify(request.headers),
    address: request.address,
    sameOrigin: isSameOrigin(request.headers, dependencies.config.publicUrl),
    transport: request.transport,
  }
}
