import type { KubernetesObject } from '../../types/objects.ts'
import { pick } from '../api.ts'

/** Asks an API server; throws for answers that are no success. */
export type Ask = (method: string, path: string, body?: unknown, contentType?: string) => Promise<unknown>

const PERIOD_MS = 100
const STRATEGIC = 'application/strategic-merge-patch+json'
const NODE = 'node-x'

/**
 * Stands for a kubelet that runs nothing: it says of the pods of a namespace what their labels tell it to. `play: ready` (the default)
 * runs, `hold` runs and is never ready, `fail` and `succeed` end, `none` is left alone; with `succeed-index` or `fail-index` the one of
 * that index ends. A pod labelled `linger` is not taken away while it says so. The same code plays on a real cluster and on ours.
 */
export function startPlayingKubelet(ask: Ask, namespace: string, onError: (error: unknown) => void) {
  const pods = `/api/v1/namespaces/${namespace}/pods`
  let running = true
  const look = async () => {
    const { items } = (await ask('GET', pods)) as { items: KubernetesObject[] }
    for (const pod of items) await play(ask, `${pods}/${pod.metadata.name}`, pod).catch(ignoreLost)
  }
  const done = (async () => {
    while (running) {
      await look().catch(onError)
      await new Promise((resolve) => setTimeout(resolve, PERIOD_MS))
    }
  })()
  return {
    async stop() {
      running = false
      await done
    },
  }
}

/** Pods that went meanwhile, or that others changed. */
function ignoreLost(error: unknown): void {
  if (!/ (404|409) /.test(String(error))) throw error
}

async function play(ask: Ask, path: string, pod: KubernetesObject): Promise<void> {
  const { labels = {}, annotations = {}, deletionTimestamp } = pod.metadata
  if (deletionTimestamp !== undefined) {
    if (labels.linger === undefined) await ask('DELETE', path, { gracePeriodSeconds: 0 })
    return
  }
  if (pick(pod, 'spec.nodeName') === undefined) {
    const target = { apiVersion: 'v1', kind: 'Node', name: NODE }
    await ask('POST', `${path}/binding`, {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: pod.metadata.name },
      target,
    })
    return
  }
  const index = annotations['batch.kubernetes.io/job-completion-index']
  const isOf = (label: string) => index !== undefined && labels[label] === index
  const part = isOf('succeed-index') ? 'succeed' : isOf('fail-index') ? 'fail' : (labels.play ?? 'ready')
  const phase = part === 'fail' ? 'Failed' : part === 'succeed' ? 'Succeeded' : 'Running'
  const isReady = part === 'ready'
  const conditions = (pick(pod, 'status.conditions') ?? []) as { type: string; status: string }[]
  const isSaid = pick(pod, 'status.phase') === phase && (phase !== 'Running' || readyOf(conditions) === isReady)
  if (part !== 'none' && !isSaid) await ask('PATCH', `${path}/status`, { status: statusOf(phase, isReady) }, STRATEGIC)
}

const readyOf = (conditions: readonly { type: string; status: string }[]) =>
  conditions.some(({ type, status }) => type === 'Ready' && status === 'True')

function statusOf(phase: string, isReady: boolean) {
  const now = new Date().toISOString().replace(/\.\d+Z/, 'Z')
  const condition = (type: string) => ({ type, status: isReady ? 'True' : 'False', lastTransitionTime: now })
  const exitCode = phase === 'Failed' ? 1 : 0
  const ended = {
    terminated: { exitCode, startedAt: now, finishedAt: now, reason: exitCode === 0 ? 'Completed' : 'Error' },
  }
  const state = phase === 'Running' ? { running: { startedAt: now } } : ended
  return {
    phase,
    startTime: now,
    conditions: [condition('Ready'), condition('ContainersReady')],
    containerStatuses: [{ name: 'app', image: 'busybox', imageID: '', ready: isReady, restartCount: 0, state }],
  }
}
