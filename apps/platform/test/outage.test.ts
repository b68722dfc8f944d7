import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net'
import { join } from 'node:path'
import { connectCluster } from '@slipway/kube'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type ClusterCaches, createClusterCaches } from '../src/live/caches.ts'
import { SILENT_MS } from '../src/live/pulse.ts'
import { noteFigure, since } from '../src/testing/figure.ts'
import { startTestPlatform, type TestPlatform } from '../src/testing/start.ts'
import { waitFor } from '../src/testing/wait.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 })

/** Between an outage and its being said, and between its end and its being taken back. */
const SAID_WITHIN_MS = 5000

/** Stands before the API server: passes everything, refuses everything, or takes connections and lets them hang. */
function createGate(port: number) {
  let state: 'open' | 'refused' | 'hanging' = 'open'
  const sockets = new Set<Socket>()
  const server = createServer((inner) => {
    if (state === 'refused') return void inner.destroy()
    const outer = dial(port, '127.0.0.1')
    for (const socket of [inner, outer]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => sockets.delete(socket))
    }
    inner.on('close', () => outer.destroy())
    outer.on('close', () => inner.destroy())
    inner.on('data', (chunk) => state === 'open' && outer.write(chunk))
    outer.on('data', (chunk) => state === 'open' && inner.write(chunk))
  })
  return {
    server,
    set(next: typeof state) {
      if (next !== 'hanging') for (const socket of sockets) socket.destroy()
      state = next
    },
  }
}

let platform: TestPlatform
let gate: ReturnType<typeof createGate>
let caches: ClusterCaches
let changes = 0

beforeAll(async () => {
  platform = await startTestPlatform()
  const kubeconfig = readFileSync(platform.kubeconfigPath, 'utf8')
  const address = /https?:\/\/127\.0\.0\.1:(\d+)/.exec(kubeconfig)
  gate = createGate(Number(address?.[1]))
  await new Promise<void>((resolve) => gate.server.listen(0, '127.0.0.1', resolve))
  const { port } = gate.server.address() as AddressInfo
  const path = join(platform.stateDir, 'behind-the-gate')
  writeFileSync(path, kubeconfig.replaceAll(`127.0.0.1:${address?.[1]}`, `127.0.0.1:${port}`))
  caches = createClusterCaches(await connectCluster({ kubeconfigPath: path }), { hasGateway: false })
  caches.onSilence(() => changes++)
  caches.start()
  await caches.synced()
})
afterAll(async () => {
  gate?.set('refused')
  await caches?.stop()
  gate?.server.close()
  await platform?.stop()
})

const isSilent = async () => caches.silentForMs() > SILENT_MS

test.for(['refused', 'hanging'] as const)(
  'an API server that is away (%s) is noticed, and is back, within five seconds each',
  async (state, context) => {
    expect(await isSilent()).toBe(false)
    const before = changes
    const goneAt = performance.now()
    gate.set(state)
    await waitFor('the silence', isSilent, SAID_WITHIN_MS)
    await waitFor('its being told', async () => changes === before + 1, 1000)
    const noticed = since(goneAt)
    const backAt = performance.now()
    gate.set('open')
    await waitFor('its end', async () => !(await isSilent()), SAID_WITHIN_MS)
    await waitFor('its being told', async () => changes === before + 2, 1000)
    noteFigure(context, `${state}: noticed after ${noticed}, taken back after ${since(backAt)}`)
  },
)
