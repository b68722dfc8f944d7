import type { ObjectStore } from '../../store/store.ts'
import { forbidden } from '../../types/errors.ts'
import { childObject, objectList, optionalObject, stringMap, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { podResources } from '../../types/pod-resources.ts'
import { parseQuantity, quantityOf } from '../../types/quantity.ts'
import { LimitRanges, type ResourceType } from '../../types/resources.ts'
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
      const set = items(namespace)
        .filter((item) => item.type === 'Container')
        .flatMap((item) => giveDefaults(childObject(object, 'spec'), item))
      if (set.length === 0) return
      const annotations = childObject(childObject(object, 'metadata'), 'annotations')
      annotations[annotation] = `LimitRanger plugin set: ${set.join('; ')}`
    },
    validate({ operation, type, namespace, name, object, subresource }) {
      const spec = optionalObject(object, 'spec') ?? {}
      const bounds = () => items(namespace)
      const claim = type.kind === 'PersistentVolumeClaim' && subresource === undefined
      if (claim)
        refuse(
          type,
          name,
          bounds().flatMap((item) => claimViolations(spec, item)),
        )
      if (operation !== 'CREATE' || type.kind !== 'Pod') return
      refuse(
        type,
        name,
        bounds().flatMap((item) => violations(spec, item)),
      )
    },
  }
}

const annotation = 'kubernetes.io/limit-ranger'

function refuse(type: ResourceType, name: string, why: string[]): void {
  if (why.length > 0) throw forbidden(type, name, why.length === 1 ? `${why[0]}` : `[${why.join(', ')}]`)
}

function containersOf(spec: JsonObject): JsonObject[] {
  return [...objectList(spec, 'containers'), ...objectList(spec, 'initContainers')]
}

/** Gives what is missing, and says what that was: `cpu, memory request for container a`. */
function giveDefaults(spec: JsonObject, item: JsonObject): string[] {
  const given = [
    ['requests', 'request', stringMap(item, 'defaultRequest')],
    ['limits', 'limit', stringMap(item, 'default')],
  ] as const
  const initial = new Set(objectList(spec, 'initContainers'))
  return containersOf(spec).flatMap((container) => {
    const who = `${initial.has(container) ? 'init container' : 'container'} ${stringOf(container, 'name')}`
    return given.flatMap(([kind, word, values]) => {
      if (Object.keys(values).length === 0) return []
      const own = childObject(childObject(container, 'resources'), kind)
      const missing = Object.keys(values).filter((name) => own[name] === undefined)
      for (const name of missing) own[name] = values[name]
      return missing.length === 0 ? [] : [`${missing.sort().join(', ')} ${word} for ${who}`]
    })
  })
}

/** Bounds of what a claim asks for. */
function claimViolations(spec: JsonObject, item: JsonObject): string[] {
  if (item.type !== 'PersistentVolumeClaim') return []
  const requests = stringMap(optionalObject(spec, 'resources'), 'requests')
  const storage = (kind: string) => {
    const bound = stringMap(item, kind).storage
    return bound === undefined ? {} : { storage: bound }
  }
  // A claim has no limit: what it asks for is held against both bounds.
  const most = check('PersistentVolumeClaim', { max: storage('max') }, requests, requests)
  const least = check('PersistentVolumeClaim', { min: storage('min') }, requests, {})
  return [...least, ...most.map((text) => text.replace('but limit is', 'but request is'))]
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
      out.push(`${bound}, but provided ratio is ${(Number(limit) / Number(request)).toFixed(6)}`)
    }
  }
  return out
}

function parse(value: string | undefined): bigint | null {
  return value === undefined ? null : (parseQuantity(value)?.nano ?? null)
}
