import type { KubeObject } from '@slipway/kube'
import { expect, test } from 'vitest'
import { createIsolationReader } from './isolation.ts'

/** A cluster whose nodes can be changed, and which counts how often it is asked. */
function nodes(annotations: Record<string, string> | null) {
  const state = { annotations, asked: 0 }
  const list = <T extends KubeObject>() => {
    state.asked++
    if (state.annotations === null) return Promise.reject(new Error('away'))
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'local', annotations: state.annotations } }
    return Promise.resolve({ items: [node as unknown as T], resourceVersion: '1' })
  }
  return { state, list }
}

test('isolation is what the node says, read again after half a minute', async () => {
  const cluster = nodes({ 'local.slipway.dev/isolation': 'none' })
  let ms = 0
  const read = createIsolationReader(cluster, { onError: () => undefined, now: () => new Date(ms) })
  expect(await read()).toBe('none')
  cluster.state.annotations = { 'local.slipway.dev/isolation': 'runtime' }
  ms = 29_000
  expect(await read()).toBe('none')
  ms = 31_000
  expect(await read()).toBe('runtime')
  expect(cluster.state.asked).toBe(2)
})

test('it is not known where no node says it, where it says something else, and while the cluster is away', async () => {
  const errors: unknown[] = []
  const said: (Record<string, string> | null)[] = [{}, { 'local.slipway.dev/isolation': 'perfect' }, null]
  for (const annotations of said) {
    const read = createIsolationReader(nodes(annotations), {
      onError: (error) => errors.push(error),
      now: () => new Date(0),
    })
    expect(await read()).toBeNull()
  }
  expect(errors).toHaveLength(1)
})
