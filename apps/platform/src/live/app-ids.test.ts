import type { KubeObject } from '@slipway/kube'
import { expect, it } from 'vitest'
import { createAppIds } from './app-ids.ts'

const object = (
  kind: string,
  name: string,
  annotations: Record<string, string> = {},
  owner?: KubeObject,
): KubeObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: {
    ...{ name, namespace: 'ns', uid: `uid-${name}`, annotations },
    ...(owner && {
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: owner.kind,
          name: owner.metadata.name,
          uid: `uid-${owner.metadata.name}`,
          controller: true,
        },
      ],
    }),
  },
})
const ID = { 'slipway.dev/app-id': 'id-1' }

/** Caches that hold these objects. */
function setup(...objects: KubeObject[]) {
  const held = new Set(objects)
  const cache = (kind: string) => ({
    get: (namespace: string | undefined, name: string) =>
      [...held].find(
        (each) => each.kind === kind && each.metadata.namespace === namespace && each.metadata.name === name,
      ),
  })
  return { held, ids: createAppIds({ ReplicaSets: cache('ReplicaSet'), Deployments: cache('Deployment') }) }
}

it('what is rendered tells itself, a pod by its ReplicaSet', () => {
  const set = object('ReplicaSet', 'web-1', ID)
  const { ids } = setup(set)
  expect(ids.of(object('Service', 'web', ID))).toBe('id-1')
  expect(ids.of(object('Pod', 'web-1-a', {}, set))).toBe('id-1')
})

it('pods of a ReplicaSet from before there were ids are told by its Deployment', () => {
  const deployment = object('Deployment', 'web', ID)
  const set = object('ReplicaSet', 'web-0', {}, deployment)
  expect(setup(deployment, set).ids.of(object('Pod', 'web-0-a', {}, set))).toBe('id-1')
})

it('pods that outlive what made them are told all the same', () => {
  const set = object('ReplicaSet', 'web-1', ID)
  const pod = object('Pod', 'web-1-a', {}, set)
  const { held, ids } = setup(set)
  expect(ids.of(pod)).toBe('id-1')
  held.clear()
  expect(ids.of(pod)).toBe('id-1')
})

it('others are nobody’s, and an owner that comes later is found then', () => {
  const set = object('ReplicaSet', 'web-1', ID)
  const pod = object('Pod', 'web-1-a', {}, set)
  const { held, ids } = setup()
  expect([
    ids.of(pod),
    ids.of(object('Pod', 'bare')),
    ids.of(object('Pod', 'job-a', {}, object('Job', 'job'))),
  ]).toEqual([...[null, null, null]])
  held.add(set)
  expect(ids.of(pod)).toBe('id-1')
})
