import { AppError, type AppRef, appRefSchema } from '@slipway/domain'
import type { FastifyRequest } from 'fastify'
import type { Caller } from '../auth/caller.ts'

/** Requests of the smart protocol; the dumb one (single files) is not served. */
const SERVICES = new Set(['git-upload-pack', 'git-receive-pack'])

export interface GitRequest {
  ref: AppRef
  service: 'git-upload-pack' | 'git-receive-pack'
  /** Path within the repository. */
  path: string
}

/** @throws AppError on what is no request of the smart protocol */
export function parseRequest(request: FastifyRequest): GitRequest {
  const [path = '', query = ''] = request.url.split('?', 2)
  const match =
    /^\/git\/([^/]+)\/([^/]+)\/([^/]+)\/([^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(path)
  const ref = appRefSchema.safeParse({
    team: match?.[1],
    project: match?.[2],
    environment: match?.[3],
    app: match?.[4],
  })
  if (!match || !ref.success) {
    throw new AppError(
      'not_found',
      'There is no such repository. Addresses look like /git/<team>/<project>/<environment>/<app>.git',
    )
  }
  const rest = match[5] ?? ''
  const isAdvertisement = rest === 'info/refs'
  const service = isAdvertisement ? new URLSearchParams(query).get('service') : rest
  if (service === null || !SERVICES.has(service) || (request.method === 'GET') !== isAdvertisement) {
    throw new AppError('invalid_input', 'Only the smart HTTP protocol is served. Use git 1.6.6 or newer.')
  }
  return { ref: ref.data, service: service === 'git-receive-pack' ? 'git-receive-pack' : 'git-upload-pack', path: rest }
}

/** Variables of RFC 3875 that git http-backend reads. */
export function cgiEnvironment(request: FastifyRequest, pathInfo: string, caller: Caller): Record<string, string> {
  const { headers } = request
  const text = (value: string | string[] | undefined) => (typeof value === 'string' ? value : '')
  return {
    REQUEST_METHOD: request.method,
    PATH_INFO: pathInfo,
    QUERY_STRING: request.url.split('?', 2)[1] ?? '',
    CONTENT_TYPE: text(headers['content-type']),
    CONTENT_LENGTH: text(headers['content-length']),
    HTTP_CONTENT_ENCODING: text(headers['content-encoding']),
    GIT_PROTOCOL: text(headers['git-protocol']),
    REMOTE_USER: caller.email,
    REMOTE_ADDR: request.ip,
    GIT_COMMITTER_NAME: caller.name,
    GIT_COMMITTER_EMAIL: caller.email,
  }
}
