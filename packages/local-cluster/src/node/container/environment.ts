import type { Container, EnvVar } from '../../types/container.ts'
import type { KubernetesObject } from '../../types/objects.ts'
import type { Pod } from '../../types/pod.ts'
import { ConfigMaps, type ResourceType, Secrets } from '../../types/resources.ts'
import type { NodeContext } from '../context.ts'
import { fieldValue, resourceValue } from '../pod/downward.ts'
import { expand } from './expand.ts'

/** The container's configuration names something that is not there: CreateContainerConfigError. */
export class ContainerConfigError extends Error {
  override name = 'ContainerConfigError'
}

interface Source extends KubernetesObject {
  data?: Record<string, string>
}

/**
 * The environment a container's spec asks for: `envFrom` first, then `env`, references resolved, `$(NAME)` expanded.
 * Throws {@link ContainerConfigError} in the kubelet's words.
 * Reference: makeEnvironmentVariables of pkg/kubelet/kubelet_pods.go.
 */
export async function specEnvironment(
  context: NodeContext,
  pod: Pod,
  container: Container,
): Promise<Record<string, string>> {
  const env: Record<string, string> = {}
  const namespace = pod.metadata.namespace ?? ''
  for (const from of container.envFrom ?? []) {
    const [type, ref] = from.configMapRef ? [ConfigMaps, from.configMapRef] : [Secrets, from.secretRef]
    if (ref === undefined) continue
    const source = await readSource(context, type, namespace, ref.name)
    if (source === null) {
      if (ref.optional === true) continue
      throw missing(type, ref.name)
    }
    for (const [key, value] of Object.entries(source)) env[`${from.prefix ?? ''}${key}`] = value
  }
  for (const variable of container.env ?? []) {
    const value = await variableValue(context, pod, container, variable)
    if (value !== null) env[variable.name] = variable.valueFrom === undefined ? expand(value, env) : value
  }
  return env
}

async function variableValue(
  context: NodeContext,
  pod: Pod,
  container: Container,
  variable: EnvVar,
): Promise<string | null> {
  const { valueFrom } = variable
  if (valueFrom === undefined) return variable.value ?? ''
  if (valueFrom.fieldRef !== undefined) {
    const value = fieldValue(context, pod, valueFrom.fieldRef.fieldPath)
    if (value === null) throw new ContainerConfigError(`unsupported fieldPath: ${valueFrom.fieldRef.fieldPath}`)
    return value
  }
  if (valueFrom.resourceFieldRef !== undefined) {
    return resourceValue(pod, container, valueFrom.resourceFieldRef, context.allocatable)
  }
  const [type, ref] = valueFrom.secretKeyRef
    ? [Secrets, valueFrom.secretKeyRef]
    : [ConfigMaps, valueFrom.configMapKeyRef]
  if (ref === undefined) return ''
  const namespace = pod.metadata.namespace ?? ''
  const source = await readSource(context, type, namespace, ref.name)
  const value = source?.[ref.key]
  if (value !== undefined) return value
  if (ref.optional === true) return null
  if (source === null) throw missing(type, ref.name)
  throw new ContainerConfigError(`couldn't find key ${ref.key} in ${type.kind} ${namespace}/${ref.name}`)
}

const missing = (type: ResourceType, name: string) =>
  new ContainerConfigError(`${type.kind.toLowerCase()} "${name}" not found`)

async function readSource(
  context: NodeContext,
  type: ResourceType,
  namespace: string,
  name: string,
): Promise<Record<string, string> | null> {
  const object = await context.api.get<Source>(type, { namespace, name })
  if (object === null) return null
  if (type.kind === 'ConfigMap') return object.data ?? {}
  return Object.fromEntries(
    Object.entries(object.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  )
}
