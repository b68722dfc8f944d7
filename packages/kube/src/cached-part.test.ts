import { describe, expect, it } from 'vitest'
import { cachedPart } from './cached-part.ts'
import { ConfigMaps, Deployments, KINDS, kindOf, Pods, prunableKinds, Secrets } from './kinds.ts'

const metadata = {
  name: 'web',
  namespace: 'ns',
  labels: { 'slipway.dev/app': 'web' },
  annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', kept: 'yes' },
  managedFields: [{ manager: 'slipway' }],
}
const kept = { name: 'web', namespace: 'ns', labels: { 'slipway.dev/app': 'web' }, annotations: { kept: 'yes' } }

describe('the cached part of an object', () => {
  it('is never its managedFields, whatever the kind', () => {
    const data = { key: 'value' }
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data }
    expect(cachedPart(object, ConfigMaps)).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', metadata: kept, data })
  })

  it('of a Secret is its metadata alone', () => {
    const object = { apiVersion: 'v1', kind: 'Secret', metadata, data: { PASSWORD: 'aHVudGVyMg==' }, type: 'Opaque' }
    expect(cachedPart(object, Secrets)).toEqual({ apiVersion: 'v1', kind: 'Secret', metadata: kept })
  })

  it('has the paths of its kind, and nothing where a path leads nowhere', () => {
    const spec = { replicas: 2, template: { spec: {} }, strategy: {} }
    const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec, status: { replicas: 1 } }
    expect(cachedPart(object, Deployments)).toEqual({ ...object, metadata: kept, spec: { replicas: 2 } })
    const bare = { apiVersion: 'v1', kind: 'Pod', metadata, spec: null }
    expect(cachedPart(bare, Pods)).toMatchObject({ metadata: kept, spec: null })
  })

  it('leaves the object as it was', () => {
    const object = { apiVersion: 'v1', kind: 'Secret', metadata, data: {} }
    const before = structuredClone(object)
    cachedPart(object, Secrets)
    expect(object).toEqual(before)
  })
})

describe('the table of kinds', () => {
  it('names each kind once', () => {
    const names = Object.values(KINDS).map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)
    expect(new Set(names).size).toBe(names.length)
    expect(kindOf({ apiVersion: 'apps/v1', kind: 'Deployment' })).toBe(Deployments)
    expect(() => kindOf({ apiVersion: 'v1', kind: 'Deployment' })).toThrow('v1 Deployment is not in the table of kinds')
  })

  it('deletes what leads to pods first and Secrets last, HTTPRoutes only with a Gateway', () => {
    const kinds = (hasGateway: boolean) => prunableKinds({ hasGateway }).map(({ kind }) => kind)
    expect(kinds(false)).toEqual(['Ingress', 'PodDisruptionBudget', 'Deployment', 'Service', 'Secret'])
    expect(kinds(true)).toEqual(['HTTPRoute', ...kinds(false)])
  })
})
