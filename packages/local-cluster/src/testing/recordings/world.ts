import type { KubernetesObject } from '../../types/objects.ts'
import { isObject, objectsOf, type Recording, rowObjects } from './recording.ts'

/** What stood in the cluster before the first request of a recording, as far as the recording tells. */
export interface World {
  namespaces: KubernetesObject[]
  /** Objects that the recording found and did not make. */
  objects: KubernetesObject[]
  /** References of images that the recorded machine had. */
  images: string[]
}

/** @param library recordings in which a template can be found of which only the hash is shown. */
export function worldOf(recording: Recording, library: readonly Recording[]): World {
  const namespaces = namespacesOf(recording)
  const objects = namespaces.flatMap(({ metadata }) => [
    ...foundWorkloads(recording, library, metadata.name),
    ...foundContent(recording, metadata.name),
  ])
  return { namespaces, objects, images: imagesOf([recording, ...library]) }
}

function namespacesOf(recording: Recording): KubernetesObject[] {
  const names = new Set(recording.namespace === undefined ? [] : [recording.namespace])
  const made = new Set<string>()
  for (const { request, response } of recording.exchanges) {
    const name = /\/namespaces\/([^/?]+)/.exec(request.path)?.[1]
    const text = JSON.stringify(response.body ?? '')
    if (request.method === 'POST' && /\/namespaces(\?|$)/.test(request.path) && isObject(request.body)) {
      made.add(request.body.metadata.name)
    }
    if (name !== undefined && !made.has(name) && !text.includes(`namespaces \\"${name}\\" not found`)) names.add(name)
  }
  return [...names].map((name) => {
    const shown = recording.watch.namespaces?.find(({ object }) => object.metadata.name === name)?.object
    const labels = { ...shown?.metadata.labels, ...podSecurityLabels(recording) }
    return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }
  })
}

/** A refusal says which level was enforced. */
function podSecurityLabels(recording: Recording): Record<string, string> {
  const level = /violates PodSecurity \\+"(\w+):(?:[\w.]+)\\+"/.exec(JSON.stringify(recording))?.[1]
  return level === undefined ? {} : { 'pod-security.kubernetes.io/enforce': level }
}

/** A ReplicaSet that nothing in the recording made: its hash says which template it had. */
function foundWorkloads(recording: Recording, library: readonly Recording[], namespace: string): KubernetesObject[] {
  const made = new Set(
    recording.exchanges.map(({ request }) => (isObject(request.body) ? request.body.metadata.name : '')),
  )
  const rows = recording.exchanges.flatMap(({ response }) => rowObjects(response.body))
  const hashes = rows
    .filter(({ metadata }) => metadata.namespace === namespace)
    .map(({ metadata }) => ({ hash: metadata.labels?.['pod-template-hash'], owner: metadata.ownerReferences?.[0] }))
    .filter(({ owner }) => owner?.kind === 'Deployment' && !made.has(owner.name))
  return hashes.flatMap(({ hash, owner }) => {
    const source = library.find((other) =>
      (other.watch.replicasets ?? []).some(({ object }) => object.metadata.labels?.['pod-template-hash'] === hash),
    )
    const body = source?.exchanges
      .map(({ request }): unknown => request.body)
      .filter(isObject)
      .find(({ metadata }) => metadata.name === owner?.name)
    return body === undefined ? [] : [{ ...body, metadata: { ...body.metadata, namespace } }]
  })
}

/** A namespace that was waited for while it emptied had pods: those of the workload that came too late, from before. */
function foundContent(recording: Recording, namespace: string): KubernetesObject[] {
  const emptied = JSON.stringify(recording.watch.namespaces ?? []).includes(
    `remain in namespace: ${namespace} for gvr: /v1, Resource=pods`,
  )
  const late = recording.exchanges.map(({ request }): unknown => request.body).find(isObject)
  if (!emptied || late === undefined) return []
  const renamed: KubernetesObject = JSON.parse(
    JSON.stringify(late).replaceAll(JSON.stringify(late.metadata.name), JSON.stringify(`${late.metadata.name}-before`)),
  )
  return [{ ...renamed, metadata: { ...renamed.metadata, namespace } }]
}

function imagesOf(recordings: readonly Recording[]): string[] {
  const images = new Set<string>()
  for (const recording of recordings) {
    for (const object of objectsOf(recording)) {
      const text = JSON.stringify(object)
      for (const [, image = ''] of text.matchAll(/Container image \\"([^"\\]+)\\" already present/g)) images.add(image)
    }
  }
  return [...images]
}
