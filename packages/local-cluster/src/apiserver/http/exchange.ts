import type { IncomingMessage, ServerResponse } from 'node:http'
import type { KubeletEndpoints, PatchType } from '../../types/client.ts'
import { ApiError } from '../../types/errors.ts'
import type { Json, KubernetesObject } from '../../types/objects.ts'
import type { ApiCore } from '../core/core.ts'
import type { ObjectPath, WriteContext } from '../core/request.ts'
import { mediaType, parseObjectBody, readBody } from './body.ts'
import { negotiate } from './negotiate.ts'
import type { ResourceRequest } from './request-info.ts'
import { sendJson } from './respond.ts'
import { includedObject, tableOf } from './tables/table.ts'
import type { WatchCounters, WatchLimits } from './watch.ts'

export interface ResourceHandlerOptions {
  core: ApiCore
  kubelet(): KubeletEndpoints | null
  watchLimits: WatchLimits
  watchCounters: WatchCounters
}

/** One request on a resource, and what it takes to answer it. */
export interface Exchange {
  options: ResourceHandlerOptions
  core: ApiCore
  parsed: ResourceRequest
  request: IncomingMessage
  response: ServerResponse
  /** Texts for `Warning` headers, of the answer and of a refusal. */
  warnings: string[]
  /** For a write that turns out to create its object. @throws ApiError 403 */
  authorizeCreate(): void
}

export function notAllowed(): ApiError {
  return new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
}

export function pathOf({ parsed }: Exchange): ObjectPath {
  const { name = '', namespace, strategy } = parsed
  if (strategy.type.namespaced && namespace === undefined) {
    if (name === '') throw notAllowed()
    throw new ApiError(404, 'NotFound', 'the server could not find the requested resource', {})
  }
  return namespace === undefined ? { name } : { namespace, name }
}

/** The answer to a write: when it is durable. */
export async function sendWritten(
  exchange: Exchange,
  code: number,
  object: KubernetesObject,
  context?: WriteContext,
): Promise<void> {
  await exchange.core.store.committed()
  sendObject(exchange, code, object, context)
}

export function sendObject(
  exchange: Exchange,
  code: number,
  object: KubernetesObject,
  context?: Pick<WriteContext, 'warnings'>,
): void {
  const { request, response, parsed } = exchange
  const representation = negotiate(request.headers.accept)
  const { resourceVersion } = object.metadata
  const body =
    representation === 'table'
      ? tableOf(
          object.kind === 'Scale' ? { type: { ...parsed.strategy.type, kind: 'Scale' } } : parsed.strategy,
          [object],
          { resourceVersion },
          includedObject(parsed.query),
        )
      : kindFirst(object)
  sendJson(response, code, body, context?.warnings)
}

/** The object that the request brings. @param kind what it is called where it cannot be read */
export async function readObject({ request, parsed }: Exchange, kind = parsed.strategy.type.kind): Promise<Json> {
  return parseObjectBody(await readBody(request), mediaType(request), kind)
}

/** The object with its type in front, as Kubernetes writes it. */
function kindFirst({ kind, apiVersion, ...rest }: KubernetesObject): KubernetesObject {
  return { kind, apiVersion, ...rest }
}

/** Languages of patches, by media type. */
export const patchTypes: Record<string, PatchType> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
}
