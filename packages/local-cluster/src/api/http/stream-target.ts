import type { ApiCore } from '../core/core.ts'
import { badRequest } from '../errors.ts'
import type { KubernetesObject } from '../objects.ts'
import { Pods } from '../resources.ts'
import { chooseContainer, nodeOf } from './log.ts'
import type { ResourceRequest } from './request-info.ts'

/** Parts of a pod that are spoken to over a connection of their own. */
export const streamed: readonly string[] = ['exec', 'attach', 'portforward']

/**
 * Whom exec, attach or portforward is for. Reference: pkg/registry/core/pod.streamLocation.
 * @throws ApiError 404 for a pod that is not there, 400 for one without a node, and for a container that it does not have.
 */
export function streamTarget(
  core: ApiCore,
  { namespace, name = '', subresource, query }: ResourceRequest,
): { pod: KubernetesObject; node: string; container: string } {
  const pod = core.get(Pods, namespace === undefined ? { name } : { namespace, name })
  const container = subresource === 'portforward' ? '' : chooseContainer(pod, query.get('container') ?? '')
  const node = nodeOf(pod)
  if (node === '') throw badRequest(`pod ${name} does not have a host assigned`)
  return { pod, node, container }
}
