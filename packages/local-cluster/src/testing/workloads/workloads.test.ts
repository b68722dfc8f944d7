import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiServer, startApiServer } from '../../apiserver/server.ts'
import { type RunningControllers, startControllers } from '../../controllers/index.ts'
import { until } from '../../node/testing/cluster.ts'
import type { ApiError } from '../../types/errors.ts'
import type { Ask } from './playing-kubelet.ts'
import { play } from './scenario.ts'
import { scenarios } from './scenarios.ts'

/** The API and the controllers alone, with one node that nobody runs pods on: `startPlayingKubelet` says what becomes of them. */
const dir = mkdtempSync(join(tmpdir(), 'slipway-workloads-'))
const PATIENCE_MS = 60_000
let server: ApiServer
let controllers: RunningControllers
beforeAll(async () => {
  // Controllers try again; what they come to is looked at.
  const onError = () => undefined
  server = await startApiServer({ dir, port: 0, token: 'test', onInternalError: onError })
  controllers = startControllers(server.localApi('kube-controller-manager'), { onError })
  const resources = { cpu: '64', memory: '64Gi', pods: '1000' }
  const labels = { 'kubernetes.io/hostname': 'node-x' }
  await ask('POST', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-x', labels } })
  const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', message: '' }
  const status = { capacity: resources, allocatable: resources, conditions: [ready] }
  await ask('PATCH', '/api/v1/nodes/node-x/status', { status }, 'application/merge-patch+json')
})
afterAll(async () => {
  await controllers?.stop()
  await server?.stop()
  rmSync(dir, { recursive: true, force: true })
})

const ask: Ask = async (method, path, body, contentType = 'application/json') => {
  // Pods are bound in process here.
  const [, namespace, name] = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/binding$/.exec(path) ?? []
  if (namespace !== undefined && name !== undefined) {
    return server
      .localApi('scheduler')
      .bind({ namespace, name }, 'node-x')
      .catch((error: ApiError) => {
        throw new Error(`${method} ${path}: ${error.status.code} ${error.message}`)
      })
  }
  const headers = { authorization: 'Bearer test', 'content-type': contentType }
  const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) }
  const response = await fetch(server.plainUrl + path, init)
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return JSON.parse(text)
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** What a real 1.36.2 cluster came to; written by `scripts/record-workloads.ts`. */
function recorded(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`../../../../../test-data/workloads/${name}.json`, import.meta.url), 'utf8'))
}

test.concurrent.each(scenarios)(
  '$name comes to what it comes to on Kubernetes',
  { timeout: 300_000 },
  async (scenario) => {
    const states = recorded(scenario.name)
    await play(ask, scenario.name, scenario, async ({ rest, afterSeconds = 0 }, look) => {
      await sleep(afterSeconds * 1000)
      let state: unknown = null
      const isThere = async () => {
        state = await look()
        return isDeepStrictEqual(state, states[rest])
      }
      // It is to be so, and to stay so.
      const stays = async () => (await isThere()) && (await sleep(300).then(isThere))
      await until(rest, stays, PATIENCE_MS).catch(() => expect({ [rest]: state }).toEqual({ [rest]: states[rest] }))
    })
  },
)
