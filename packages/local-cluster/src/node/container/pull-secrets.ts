import type { KubernetesObject } from '../../types/objects.ts'
import type { Pod } from '../../types/pod.ts'
import { Secrets } from '../../types/resources.ts'
import { type NodeContext, recordEvent } from '../context.ts'

interface Secret extends KubernetesObject {
  data?: Record<string, string>
}

/**
 * The pod's `imagePullSecrets`, which admission has filled from its service account where it names none, as texts of Docker
 * configurations. As for the kubelet, one that is not there is a warning: the image may be public.
 * Reference: https://kubernetes.io/docs/concepts/containers/images/#specifying-imagepullsecrets-on-a-pod
 */
export async function pullSecrets(context: NodeContext, pod: Pod): Promise<string[]> {
  const namespace = pod.metadata.namespace ?? ''
  const missing: string[] = []
  const texts: string[] = []
  for (const { name = '' } of pod.spec.imagePullSecrets ?? []) {
    const secret = name === '' ? null : await context.api.get<Secret>(Secrets, { namespace, name })
    const [config, old] = [secret?.data?.['.dockerconfigjson'], secret?.data?.['.dockercfg']].map(decoded)
    if (config !== undefined) texts.push(config)
    else if (old !== undefined) texts.push(`{"auths":${old}}`)
    else missing.push(name)
  }
  if (missing.length > 0) {
    const message = `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`
    await recordEvent(context, pod, null, { type: 'Warning', reason: 'FailedToRetrieveImagePullSecret', message })
  }
  return texts
}

const decoded = (base64: string | undefined) =>
  base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('utf8')
