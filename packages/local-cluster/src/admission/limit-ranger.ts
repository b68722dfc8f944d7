import { forbidden } from '../api/errors.ts'
import { childObject, objectList, optionalObject, setDefault, stringMap, stringOf } from '../api/kinds/json.ts'
import { podResources } from '../api/kinds/pod-defaults.ts'
import type { JsonObject } from '../api/objects.ts'
import { LimitRanges, Pods } from '../api/resources.ts'
import { formatQuantity, parseQuantity, quantityOf } from '../schema/quantity.ts'
import type { ObjectStore } from '../store/store.ts'
import type { AdmissionPlugin } from './admission.ts'

/** Defaults and bounds of LimitRanges. Reference: https://kubernetes.io/docs/concepts/policy/limit-range/ */
export function limitRanger(store: ObjectStore): AdmissionPlugin {
  const items = (namespace: string | undefined): JsonObject[] =>
    namespace === undefined
      ? []
      : store
          .list(LimitRanges, namespace)
          .flatMap((range) => objectList(optionalObject(range as unknown as JsonObject, 'spec'), 'limits'))
  return {
    name: 'LimitRanger',
    mutate({ operation, type, namespace, object }) {
      if (operation !== 'CREATE' || type.kind !== 'Pod') return
      for (const item of items(namespace))
        if (item.type === 'Container') giveDefaults(childObject(object, 'spec'), item)
    },
    validate({ operation, type, namespace, name, object }) {
      if (operation !== 'CREATE' || type.kind !== 'Pod') return
      const why = items(namespace).flatMap((item) => violations(childObject(object, 'spec'), item))
      if (why.length > 0) throw forbidden(Pods, name, why.length === 1 ? `${why[0]}` : `[${why.join(', ')}]`)
    },
  }
}

function containersOf(spec: JsonObject): JsonObject[] {
  return [...objectList(spec, 'containers'), ...objectList(spec, 'initContainers')]
}

function giveDefaults(spec: JsonObject, item: JsonObject): void {
  const [limits, requests] = [stringMap(item, 'default'), stringMap(item, 'defaultRequest')]
  for (const container of containersOf(spec)) {
    const resources = childObject(container, 'resources')
    if (Object.keys(limits).length > 0) {
      const own = childObject(resources, 'limits')
      for (const [name, value] of Object.entries(limits)) setDefault(own, name, value)
    }
    if (Object.keys(requests).length > 0) {
      const own = childObject(resources, 'requests')
      for (const [name, value] of Object.entries(requests)) setDefault(own, name, value)
    }
  }
}

function violations(spec: JsonObject, item: JsonObject): string[] {
  const kind = stringOf(item, 'type')
  if (kind === 'Container') {
    return containersOf(spec).flatMap((container) => {
      const resources = optionalObject(container, 'resources')
      return check(kind, item, stringMap(resources, 'requests'), stringMap(resources, 'limits'))
    })
  }
  if (kind === 'Pod') return check(kind, item, podResources(spec, 'requests'), podResources(spec, 'limits'))
  return []
}

/** Reference: plugin/pkg/admission/limitranger minConstraint, maxConstraint, limitRequestRatioConstraint. */
function check(
  kind: string,
  item: JsonObject,
  requests: Record<string, string>,
  limits: Record<string, string>,
): string[] {
  const out: string[] = []
  for (const [name, least] of Object.entries(stringMap(item, 'min'))) {
    const [request, limit] = [parse(requests[name]), parse(limits[name])]
    const bound = `minimum ${name} usage per ${kind} is ${least}`
    if (request === null) out.push(`${bound}.  No request is specified`)
    else if (request < quantityOf(least).nano) out.push(`${bound}, but request is ${requests[name]}`)
    else if (limit !== null && limit < quantityOf(least).nano) out.push(`${bound}, but limit is ${limits[name]}`)
  }
  for (const [name, most] of Object.entries(stringMap(item, 'max'))) {
    const [request, limit] = [parse(requests[name]), parse(limits[name])]
    const bound = `maximum ${name} usage per ${kind} is ${most}`
    if (limit === null) out.push(`${bound}.  No limit is specified`)
    else if (limit > quantityOf(most).nano) out.push(`${bound}, but limit is ${limits[name]}`)
    else if (request !== null && request > quantityOf(most).nano) out.push(`${bound}, but request is ${requests[name]}`)
  }
  for (const [name, ratio] of Object.entries(stringMap(item, 'maxLimitRequestRatio'))) {
    const [request, limit] = [parse(requests[name]), parse(limits[name])]
    const bound = `${name} max limit to request ratio per ${kind} is ${ratio}`
    if (request === null || request === 0n) out.push(`${bound}, but no request is specified or request is 0`)
    else if (limit === null || limit === 0n) out.push(`${bound}, but no limit is specified or limit is 0`)
    else if (limit * 1_000_000_000n > request * quantityOf(ratio).nano) {
      const provided = formatQuantity({ nano: (limit * 1_000_000_000n) / request, format: 'DecimalSI' })
      out.push(`${bound}, but provided ratio is ${provided}`)
    }
  }
  return out
}

function parse(value: string | undefined): bigint | null {
  return value === undefined ? null : (parseQuantity(value)?.nano ?? null)
}
