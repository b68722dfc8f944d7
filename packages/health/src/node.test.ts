import type { Node } from 'kubernetes-types/core/v1.d.ts'
import { expect, it } from 'vitest'
import { NOW_MS, pod } from '../test/objects.ts'
import { podHealth } from './pod.ts'

const node = (status: 'True' | 'False' | 'Unknown', message: string): Node => ({
  metadata: { name: 'node-7' },
  status: { conditions: [{ type: 'Ready', status, message, reason: 'NodeStatusUnknown' }] },
})
const onNode = (() => {
  const running = pod({ state: { running: { startedAt: new Date(NOW_MS - 60_000).toISOString() } }, ready: true })
  return { ...running, spec: { containers: [], ...running.spec, nodeName: 'node-7' } }
})()
const health = (found: Node) =>
  podHealth(onNode, { nowMs: NOW_MS, node: (name) => (name === 'node-7' ? found : undefined) })

it('names a node that does not answer, whatever its pods reported last', () => {
  const found = health(node('Unknown', 'Kubelet stopped posting node status.'))
  expect(found).toMatchObject({ status: 'Unknown', reason: 'NodeLost' })
  expect(found.message).toMatch(/^The node node-7 of the instance \S+ does not answer\.$/)
  expect(found.action).toContain('another instance')
})

it('quotes what a node that is not ready says', () => {
  expect(health(node('False', 'container runtime is down')).message).toContain('container runtime is down')
})

it('says nothing of a node that is ready', () => {
  expect(health(node('True', 'kubelet is posting ready status')).status).toBe('Healthy')
})
