import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Row } from '../row.ts'
import { type Server, startCluster } from './processes.ts'
import { call } from './requests.ts'

/** Simulated pods live this many times as quickly as ordinary ones: what is measured is the cluster's own work. */
const SPEED = 20
const FEW = 500
const MANY = 5_000
const PER_DEPLOYMENT = 500
const TIMEOUT_MS = 300_000
const ROLLOUTS = 3
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments'
const PODS = '/api/v1/namespaces/default/pods'

const status = z.object({
  metadata: z.object({ generation: z.number() }),
  spec: z.object({ replicas: z.number() }),
  status: z
    .object({
      observedGeneration: z.number().default(0),
      replicas: z.number().default(0),
      updatedReplicas: z.number().default(0),
      availableReplicas: z.number().default(0),
    })
    .prefault({}),
})

/** 5,000 simulated pods: how their number tells on the time to make them, on memory, and on a small app beside them. */
export async function benchPods(note: (text: string) => void): Promise<Row[]> {
  const cluster = await startCluster({ runtime: 'simulated', speed: SPEED })
  try {
    await rollout(cluster, 'warm')
    const empty = await rollouts(cluster, 'before')
    const memoryMiB = cluster.memoryMiB()
    note(`local cluster: ${FEW} simulated pods`)
    const fewMs = await fill(cluster, 'few', FEW)
    const podKiB = (await call(cluster, 'GET', `${PODS}?limit=100`)).length / 100 / 1024
    note(`local cluster: ${MANY.toLocaleString('en')} simulated pods`)
    const manyMs = await fill(cluster, 'many', MANY)
    const fullMiB = cluster.memoryMiB()
    const full = await rollouts(cluster, 'beside')
    const many = `${MANY.toLocaleString('en')} simulated pods`
    return [
      row(`local cluster, ${many} until all are ready`, 'ms', [manyMs], `the same for ${FEW}, times ${MANY / FEW}`, [
        (fewMs * MANY) / FEW,
      ]),
      row(`local cluster, rolling update beside ${many}`, 'ms', full, 'the same in the empty cluster', empty),
      row(`local cluster, resident memory with ${many}`, 'MiB', [fullMiB], 'the same cluster without', [memoryMiB]),
      row(
        'local cluster, resident memory for each of them, events included',
        'KiB',
        [((fullMiB - memoryMiB) * 1024) / (MANY + FEW)],
        'the pod as JSON',
        [podKiB],
      ),
    ]
  } finally {
    await cluster.stop()
  }
}

function row(what: string, unit: Row['unit'], samples: number[], baseline: string, baselineSamples: number[]): Row {
  return { what, unit, samples, baseline, baselineSamples }
}

function deployment(name: string, replicas: number) {
  const labels = { 'app.kubernetes.io/name': name }
  const resources = { requests: { cpu: '10m', memory: '16Mi' } }
  const readinessProbe = { httpGet: { path: '/', port: 8080 }, periodSeconds: 2 }
  const containers = [
    { name: 'web', image: 'example.com/app:1', ports: [{ containerPort: 8080 }], resources, readinessProbe },
  ]
  const template = { metadata: { labels }, spec: { containers } }
  return { metadata: { name, labels }, spec: { replicas, selector: { matchLabels: labels }, template } }
}

/** Makes as many pods, some hundred to a Deployment, and answers the time in ms until all are ready. */
async function fill(cluster: Server, prefix: string, pods: number): Promise<number> {
  const startedAt = performance.now()
  const names = Array.from({ length: pods / PER_DEPLOYMENT }, (_, index) => `${prefix}-${index}`)
  for (const name of names) {
    await call(cluster, 'POST', DEPLOYMENTS, JSON.stringify(deployment(name, PER_DEPLOYMENT)))
  }
  for (const name of names) await untilRolledOut(cluster, name, 100)
  return performance.now() - startedAt
}

async function rollouts(cluster: Server, name: string): Promise<number[]> {
  const times: number[] = []
  for (let run = 0; run < ROLLOUTS; run += 1) times.push(await rollout(cluster, `${name}-${run}`))
  return times
}

/** The time in ms that a rolling update of three pods takes. */
async function rollout(cluster: Server, name: string): Promise<number> {
  await call(cluster, 'POST', DEPLOYMENTS, JSON.stringify(deployment(name, 3)))
  await untilRolledOut(cluster, name, 5)
  const startedAt = performance.now()
  const spec = { template: { spec: { containers: [{ name: 'web', image: 'example.com/app:2' }] } } }
  const path = `${DEPLOYMENTS}/${name}`
  await call(cluster, 'PATCH', path, JSON.stringify({ spec }), 'application/strategic-merge-patch+json')
  await untilRolledOut(cluster, name, 5)
  const tookMs = performance.now() - startedAt
  await call(cluster, 'DELETE', path)
  return tookMs
}

async function untilRolledOut(cluster: Server, name: string, everyMs: number): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS
  while (performance.now() < deadline) {
    const answer = await call(cluster, 'GET', `${DEPLOYMENTS}/${name}`)
    const { metadata, spec, status: seen } = status.parse(JSON.parse(answer.toString('utf8')))
    const counts = [seen.replicas, seen.updatedReplicas, seen.availableReplicas]
    if (seen.observedGeneration === metadata.generation && counts.every((count) => count === spec.replicas)) return
    await sleep(everyMs)
  }
  throw new Error(`the Deployment ${name} was not ready within ${TIMEOUT_MS / 1000} s`)
}
