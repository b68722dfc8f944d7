import { isDeepStrictEqual } from 'node:util'
import { objectList, optionalObject, stringMap, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { parseQuantity } from '../../types/quantity.ts'
import { dns1123Label } from '../validation/names.ts'

const renamedLabels: Record<string, string> = {
  'beta.kubernetes.io/arch': 'v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'v1.17; use "topology.kubernetes.io/zone" instead',
}

/** What the real server finds odd about a pod's spec. Reference: pkg/api/pod.GetWarningsForPod. */
function podWarnings(spec: JsonObject | null, field: string): string[] {
  const out: string[] = []
  for (const key of Object.keys(stringMap(spec, 'nodeSelector'))) {
    const since = renamedLabels[key]
    if (since !== undefined) out.push(`${field}.nodeSelector[${key}]: deprecated since ${since}`)
  }
  for (const [index, constraint] of objectList(spec, 'topologySpreadConstraints').entries()) {
    if (optionalObject(constraint, 'labelSelector') !== null) continue
    const at = `${field}.topologySpreadConstraints[${index}].labelSelector`
    out.push(`${at}: a null labelSelector results in matching no pod`)
  }
  for (const volume of objectList(spec, 'volumes')) {
    const projected = optionalObject(volume, 'projected')
    for (const source of objectList(projected, 'sources')) {
      if (Object.keys(source).length > 0) continue
      out.push(`volume "${stringOf(volume, 'name')}" (Projected) has no sources provided`)
    }
  }
  for (const [index, secret] of objectList(spec, 'imagePullSecrets').entries()) {
    if (stringOf(secret, 'name') === '') {
      out.push(`${field}.imagePullSecrets[${index}].name: invalid empty name ""`)
    }
  }
  for (const list of ['initContainers', 'containers']) {
    for (const [index, container] of objectList(spec, list).entries()) {
      out.push(...containerWarnings(container, `${field}.${list}[${index}]`))
    }
  }
  return out
}

function containerWarnings(container: JsonObject, at: string): string[] {
  const out: string[] = []
  const resources = optionalObject(container, 'resources')
  for (const kind of ['limits', 'requests']) {
    const memory = stringMap(resources, kind).memory
    if (memory === undefined || (parseQuantity(memory)?.nano ?? 0n) % 1_000_000_000n === 0n) continue
    out.push(`${at}.resources.${kind}[memory]: fractional byte value "${memory}" is invalid, must be an integer`)
  }
  const names = new Set<string>()
  for (const [index, variable] of objectList(container, 'env').entries()) {
    const name = stringOf(variable, 'name')
    // A variable that is built on its predecessor is meant to hide it.
    if (names.has(name) && !stringOf(variable, 'value').includes(`$(${name})`)) {
      out.push(`${at}.env[${index}]: hides previous definition of "${name}", which may be dropped when using apply`)
    }
    names.add(name)
  }
  return [...out, ...portWarnings(container, at)]
}

function portWarnings(container: JsonObject, at: string): string[] {
  const first = new Map<string, number>()
  return objectList(container, 'ports').flatMap((port, index) => {
    const parts = [port.containerPort, stringOf(port, 'protocol'), port.hostPort ?? 0, stringOf(port, 'hostIP')]
    const key = parts.join('/')
    const earlier = first.get(key)
    if (earlier === undefined) first.set(key, index)
    return earlier === undefined
      ? []
      : [`${at}.ports[${index}]: duplicate port definition with ${at}.ports[${earlier}]`]
  })
}

function nameWarnings(object: JsonObject, use: string): string[] {
  const wrong = dns1123Label(stringOf(optionalObject(object, 'metadata'), 'name'))
  if (wrong.length === 0) return []
  const why = `this is used in ${use}, which can result in surprising behavior; a DNS label is recommended`
  return [`metadata.name: ${why}: [${wrong.join(' ')}]`]
}

/** Of a pod. */
export function ownPodWarnings(pod: JsonObject, old?: JsonObject): string[] {
  const names = old === undefined ? nameWarnings(pod, "the Pod's hostname") : []
  return [...names, ...podWarnings(optionalObject(pod, 'spec'), 'spec')]
}

/** Of an object with a pod template, whose pods are named after it. */
export function workloadWarnings(object: JsonObject, old?: JsonObject): string[] {
  const [spec, before] = [optionalObject(object, 'spec'), optionalObject(old ?? null, 'spec')]
  if (old !== undefined && isDeepStrictEqual(spec, before)) return []
  const template = optionalObject(optionalObject(spec, 'template'), 'spec')
  const names = old === undefined ? nameWarnings(object, 'Pod names and hostnames') : []
  return [...names, ...podWarnings(template, 'spec.template.spec')]
}

export function cronJobWarnings(object: JsonObject, old?: JsonObject): string[] {
  const names = old === undefined ? nameWarnings(object, 'Pod names and hostnames') : []
  const job = optionalObject(optionalObject(optionalObject(object, 'spec'), 'jobTemplate'), 'spec')
  const pod = optionalObject(optionalObject(job, 'template'), 'spec')
  return [...names, ...podWarnings(pod, 'spec.jobTemplate.spec.template.spec')]
}

/** A StatefulSet's or DaemonSet's name is not spoken of: the first has to be a label, the second may be anything. */
export function setWarnings(object: JsonObject, old?: JsonObject): string[] {
  const [spec, before] = [optionalObject(object, 'spec'), optionalObject(old ?? null, 'spec')]
  if (old !== undefined && isDeepStrictEqual(spec, before)) return []
  const out = podWarnings(optionalObject(optionalObject(spec, 'template'), 'spec'), 'spec.template.spec')
  const history = spec?.revisionHistoryLimit
  if (typeof history === 'number' && history < 0) {
    out.push(
      'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
    )
  }
  return out
}
