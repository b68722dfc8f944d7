import { expect, test } from 'vitest'
import type { Pod, PodSpec } from '../types/pod.ts'
import type { Node } from './node-fit.ts'
import { PlacedPods } from './pod-topology.ts'

/** Messages are those of a real 1.36.2 scheduler. */
const required = 'requiredDuringSchedulingIgnoredDuringExecution'
const node = (name: string, zone: string): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/hostname': name, zone } },
})
const nodes = [node('one', 'a'), node('two', 'b')]
const [one, two] = nodes as [Node, Node]
const pod = (name: string, app: string, spec: Partial<PodSpec> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: name, labels: { app } },
  spec: { containers: [], ...spec },
})
const term = (app: string) => ({ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app } } })
const placed = (...pods: Pod[]) => {
  const known = new PlacedPods()
  for (const each of pods) known.note(each)
  return known
}

test('a pod that wants company goes where that is', () => {
  const lonely = pod('x', 'x', { affinity: { podAffinity: { [required]: [term('db')] } } })
  expect(placed().whyNot(lonely, one, nodes)).toEqual({
    reason: "node(s) didn't match pod affinity rules",
    final: true,
  })
  const known = placed(pod('db', 'db', { nodeName: 'one' }))
  expect(known.whyNot(lonely, one, nodes)).toBeNull()
  expect(known.whyNot(lonely, two, nodes)).not.toBeNull()
  const first = pod('x', 'db', { affinity: { podAffinity: { [required]: [term('db')] } } })
  expect(placed().whyNot(first, one, nodes)).toBeNull()
})

test('a pod stays away from those that it refuses, and from those that refuse it', () => {
  const loner = { affinity: { podAntiAffinity: { [required]: [term('web')] } } }
  const known = placed(pod('first', 'web', { ...loner, nodeName: 'one' }))
  expect(known.whyNot(pod('second', 'web', loner), one, nodes)).toEqual({
    reason: "node(s) didn't match pod anti-affinity rules",
    final: false,
  })
  expect(known.whyNot(pod('third', 'web'), one, nodes)).toEqual({
    reason: "node(s) didn't satisfy existing pods anti-affinity rules",
    final: false,
  })
  expect(known.whyNot(pod('second', 'web', loner), two, nodes)).toBeNull()
  known.note(pod('first', 'web', { ...loner, nodeName: 'one' }), true)
  expect(known.whyNot(pod('second', 'web', loner), one, nodes)).toBeNull()
})

test('pods are spread over domains as evenly as they ask for', () => {
  const rule = (topologyKey: string) => ({
    topologySpreadConstraints: [
      { topologyKey, maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } } },
    ],
  })
  const known = placed(pod('first', 'web', { nodeName: 'one' }))
  const reason = "node(s) didn't match pod topology spread constraints"
  expect(known.whyNot(pod('next', 'web', rule('zone')), one, nodes)).toEqual({ reason, final: false })
  expect(known.whyNot(pod('next', 'web', rule('zone')), two, nodes)).toBeNull()
  expect(known.whyNot(pod('next', 'web', rule('rack')), one, nodes)).toEqual({
    reason: `${reason} (missing required label)`,
    final: true,
  })
})
