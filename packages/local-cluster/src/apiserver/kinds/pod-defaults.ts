import { childObject, objectList, optionalObject, setDefault, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { formatQuantity, parseQuantity } from '../../types/quantity.ts'

/** Defaults of a pod's spec, in a pod or a template. Reference: pkg/apis/core/v1/defaults.go. */
export function defaultPodSpec(spec: JsonObject): void {
  for (const container of [...objectList(spec, 'initContainers'), ...objectList(spec, 'containers')]) {
    defaultContainer(container)
  }
  for (const container of objectList(spec, 'ephemeralContainers')) defaultContainer(container)
  for (const volume of objectList(spec, 'volumes')) defaultVolume(volume)
  setDefault(spec, 'restartPolicy', 'Always')
  setDefault(spec, 'terminationGracePeriodSeconds', 30)
  setDefault(spec, 'dnsPolicy', 'ClusterFirst')
  // serviceAccount is the deprecated name of serviceAccountName; both are always the same.
  const account = stringOf(spec, 'serviceAccountName') || stringOf(spec, 'serviceAccount')
  if (account !== '') {
    spec.serviceAccountName = account
    spec.serviceAccount = account
  }
  setDefault(spec, 'securityContext', {})
  setDefault(spec, 'schedulerName', 'default-scheduler')
  if (spec.hostNetwork === true) {
    for (const container of objectList(spec, 'containers')) {
      for (const port of objectList(container, 'ports')) setDefault(port, 'hostPort', port.containerPort)
    }
  }
}

function defaultContainer(container: JsonObject): void {
  for (const port of objectList(container, 'ports')) setDefault(port, 'protocol', 'TCP')
  for (const variable of objectList(container, 'env')) {
    defaultReference(optionalObject(variable, 'valueFrom'))
  }
  setDefault(container, 'resources', {})
  const resources = childObject(container, 'resources')
  for (const kind of ['limits', 'requests']) roundUp(optionalObject(resources, kind))
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const probe = optionalObject(container, name)
    if (probe !== null) defaultProbe(probe)
  }
  const lifecycle = optionalObject(container, 'lifecycle')
  for (const hook of ['postStart', 'preStop']) {
    const httpGet = optionalObject(optionalObject(lifecycle, hook), 'httpGet')
    if (httpGet !== null) defaultHttpGet(httpGet)
  }
  setDefault(container, 'terminationMessagePath', '/dev/termination-log')
  setDefault(container, 'terminationMessagePolicy', 'File')
  setDefault(container, 'imagePullPolicy', usesLatest(stringOf(container, 'image')) ? 'Always' : 'IfNotPresent')
}

/** A pod's limit without a request asks for what it allows; a template is left as it was written. */
export function defaultRequests(spec: JsonObject): void {
  for (const container of [...objectList(spec, 'initContainers'), ...objectList(spec, 'containers')]) {
    const resources = childObject(container, 'resources')
    const limits = optionalObject(resources, 'limits')
    if (limits === null) continue
    const requests = childObject(resources, 'requests')
    for (const [name, limit] of Object.entries(limits)) setDefault(requests, name, limit)
  }
}

const nanoInMilli = 1_000_000n

/** Nothing is finer than a thousandth of a unit. Reference: SetDefaults_ResourceList. */
function roundUp(amounts: JsonObject | null): void {
  for (const [name, value] of Object.entries(amounts ?? {})) {
    const quantity = typeof value === 'string' || typeof value === 'number' ? parseQuantity(value) : null
    if (amounts === null || quantity === null || quantity.nano % nanoInMilli === 0n) continue
    const milli = quantity.nano / nanoInMilli + (quantity.nano > 0n ? 1n : 0n)
    amounts[name] = formatQuantity({ ...quantity, nano: milli * nanoInMilli })
  }
}

function usesLatest(image: string): boolean {
  if (image.includes('@')) return false
  const tag = /:([^:/]+)$/.exec(image)?.[1]
  return tag === undefined || tag === 'latest'
}

function defaultProbe(probe: JsonObject): void {
  const defaults = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }
  for (const [key, value] of Object.entries(defaults)) {
    if (probe[key] === undefined || probe[key] === 0) probe[key] = value
  }
  const httpGet = optionalObject(probe, 'httpGet')
  if (httpGet !== null) defaultHttpGet(httpGet)
  const grpc = optionalObject(probe, 'grpc')
  if (grpc !== null) setDefault(grpc, 'service', '')
}

function defaultHttpGet(httpGet: JsonObject): void {
  setDefault(httpGet, 'path', '/')
  setDefault(httpGet, 'scheme', 'HTTP')
}

const fileMode = 0o644

function defaultVolume(volume: JsonObject): void {
  const sources = Object.keys(volume).filter((key) => key !== 'name')
  if (sources.length === 0) volume.emptyDir = {}
  for (const kind of ['secret', 'configMap', 'downwardAPI', 'projected']) {
    const source = optionalObject(volume, kind)
    if (source !== null) setDefault(source, 'defaultMode', fileMode)
  }
  for (const source of objectList(optionalObject(volume, 'projected'), 'sources')) {
    const token = optionalObject(source, 'serviceAccountToken')
    if (token !== null) setDefault(token, 'expirationSeconds', 3600)
    defaultDownward(optionalObject(source, 'downwardAPI'))
  }
  defaultDownward(optionalObject(volume, 'downwardAPI'))
  const projected = optionalObject(volume, 'projected')
  if (projected !== null) setDefault(projected, 'sources', null)
  const template = optionalObject(optionalObject(volume, 'ephemeral'), 'volumeClaimTemplate')
  if (template !== null) {
    setDefault(template, 'metadata', {})
    setDefault(childObject(template, 'spec'), 'volumeMode', 'Filesystem')
  }
  const image = optionalObject(volume, 'image')
  if (image !== null) {
    setDefault(image, 'pullPolicy', usesLatest(stringOf(image, 'reference')) ? 'Always' : 'IfNotPresent')
  }
  const hostPath = optionalObject(volume, 'hostPath')
  if (hostPath !== null) setDefault(hostPath, 'type', '')
}

function defaultDownward(source: JsonObject | null): void {
  for (const item of objectList(source, 'items')) defaultReference(item)
}

/** A field of the pod, or of its resources, as a value. */
function defaultReference(source: JsonObject | null): void {
  const [field, resource] = [optionalObject(source, 'fieldRef'), optionalObject(source, 'resourceFieldRef')]
  if (field !== null) setDefault(field, 'apiVersion', 'v1')
  if (resource !== null) setDefault(resource, 'divisor', '0')
}

/** A template's metadata and pod spec. */
export function defaultPodTemplate(template: JsonObject): void {
  setDefault(template, 'metadata', {})
  defaultPodSpec(childObject(template, 'spec'))
}
