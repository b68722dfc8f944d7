import { badRequest } from '../../types/errors.ts'
import type { KubernetesObject } from '../../types/objects.ts'
import { Pods } from '../../types/resources.ts'
import type { ApiCore } from '../core/core.ts'
import { chooseContainer, nodeOf } from './log.ts'
import type { ResourceRequest } from './request-info.ts'

/**
 * Whom exec or attach is for. Reference: pkg/registry/core/pod.streamLocation.
 * @throws ApiError 404 for a pod that is not there, 400 for one without a node, and for a container that it does not have.
 */
export function streamTarget(
  core: ApiCore,
  { namespace, name = '', query }: ResourceRequest,
): { pod: KubernetesObject; node: string; container: string } {
  const pod = core.get(Pods, namespace === undefined ? { name } : { namespace, name })
  const container = chooseContainer(pod, query.get('container') ?? '')
  const node = nodeOf(pod)
  if (node === '') throw badRequest(`pod ${name} does not have a host assigned`)
  return { pod, node, container }
}
