import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { KubernetesObject } from '../api/objects.ts'
import { Deployments, HorizontalPodAutoscalers } from '../api/resources.ts'
import { eventsAbout, NAMESPACE, shell, startTestCluster, type TestCluster, until } from '../node/testing/cluster.ts'
import { quantityOf } from '../schema/quantity.ts'
import { pick } from '../testing/api.ts'
import type { Deployment } from './objects.ts'
import { call, follow, path } from './testing/http.ts'

let cluster: TestCluster
beforeAll(async () => {
  cluster = await startTestCluster({
    controllers: { autoscalerPeriodMs: 500, usage: () => cluster.node.kubelet.usage() },
  })
})
afterAll(() => cluster?.stop())

const PATIENCE_MS = 90_000
const requestMilli = 50

/** Millicores of each pod, as `kubectl top` is told. */
async function measured(): Promise<number[]> {
  const answer = await call(cluster, 'GET', path('metrics.k8s.io/v1beta1', 'pods'))
  const items = pick(answer, 'items') as { containers: { usage: { cpu: string } }[] }[]
  return items.map(({ containers }) => Number(quantityOf(containers[0]?.usage.cpu ?? '0').nano) / 1e6)
}

async function start(name: string, script: string): Promise<void> {
  const container = shell('app', script, { resources: { requests: { cpu: `${requestMilli}m` } } })
  const template = {
    metadata: { labels: { app: name } },
    spec: { terminationGracePeriodSeconds: 0, containers: [container] },
  }
  await cluster.api.create({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: NAMESPACE },
    ...{ spec: { replicas: 1, selector: { matchLabels: { app: name } }, template } },
  })
  const target = { type: 'Utilization', averageUtilization: 50 }
  const policies = [{ type: 'Percent', value: 100, periodSeconds: 1 }]
  await cluster.api.create({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name, namespace: NAMESPACE },
    ...{
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
        maxReplicas: 3,
        metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
        behavior: { scaleDown: { stabilizationWindowSeconds: 5, policies } },
      },
    },
  })
}

test('a load that is there brings replicas, and they go when it has gone for the window', {
  timeout: 240_000,
}, async () => {
  const load = join(cluster.dir, 'load')
  writeFileSync(load, '')
  // Works in bursts: far more than the target even where others use the machine, and leaves them some of it.
  const script = `while :; do if [ -e ${load} ]; then i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; sleep 0.05; else sleep 1; fi; done`
  const reasons = follow(cluster, HorizontalPodAutoscalers)
  const replicas = async () =>
    (await cluster.api.get<Deployment>(Deployments, { namespace: NAMESPACE, name: 'busy' }))?.spec.replicas
  await start('busy', script)
  await until('three are wanted', async () => (await replicas()) === 3, PATIENCE_MS)
  const used = await until(
    'three are measured at work',
    async () => {
      const found = await measured()
      return found.length === 3 && found.every((milli) => milli > requestMilli / 2) && found
    },
    PATIENCE_MS,
  )
  expect(used).toHaveLength(3)
  rmSync(load)
  await until('one is left', async () => (await replicas()) === 1, PATIENCE_MS)
  reasons.stop()
  const said = reasons.events.map(({ object }) => reasonOf(object, 'AbleToScale'))
  expect(said.indexOf('ScaleDownStabilized')).toBeGreaterThan(said.indexOf('SucceededRescale'))
  const events = (await eventsAbout(cluster, 'busy')).filter(({ reason }) => reason === 'SuccessfulRescale')
  const messages = events.map(({ message }) => message).join('\n')
  expect(messages).toContain('reason: cpu resource utilization (percentage of request) above target')
  expect(messages).toContain('New size: 1; reason: All metrics below target')
})

function reasonOf(object: KubernetesObject, type: string): unknown {
  const conditions = (pick(object, 'status.conditions') ?? []) as { type: string; reason: string }[]
  return conditions.find((condition) => condition.type === type)?.reason
}
