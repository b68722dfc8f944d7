import { connectCluster, type KubeObject, Namespaces } from '@slipway/kube'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createKeptLogs } from '../src/live/kept-logs.ts'
import { createWorkTree } from '../src/testing/git-client.ts'
import { startTestPlatform, type TestPlatform } from '../src/testing/start.ts'
import { waitFor } from '../src/testing/wait.ts'
import { GREETER } from './apps.ts'

let platform: TestPlatform
beforeAll(async () => {
  platform = await startTestPlatform()
}, 180_000)
afterAll(() => platform?.stop())

const NODES = { apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false }
type Node = KubeObject & { status: { allocatable: { cpu: string } } }

/** "2" or "1930m" in thousandths of a core. */
const millis = (cpu: string) => (cpu.endsWith('m') ? Number(cpu.slice(0, -1)) : Number(cpu) * 1000)

test('a build that finds no room says so in its push, and goes on once there is some', async () => {
  const cluster = await connectCluster({ kubeconfigPath: platform.kubeconfigPath })
  const tree = await createWorkTree(GREETER)
  try {
    const [node] = (await cluster.list<Node>(NODES)).items
    const free = millis(node?.status.allocatable.cpu ?? '0')
    await cluster.apply({ apiVersion: 'v1', kind: Namespaces.kind, metadata: { name: 'filler' } })
    const filler = { apiVersion: 'v1', kind: 'Pod', namespace: 'filler', name: 'filler' }
    const pod: KubeObject & { spec: unknown } = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'filler', namespace: 'filler' },
      spec: {
        containers: [
          { name: 'app', image: 'nothing.invalid/none', resources: { requests: { cpu: `${free - 100}m` } } },
        ],
      },
    }
    await cluster.apply(pod)
    await waitFor('the filler to have its place', async () => {
      const pod = await cluster.get<KubeObject & { spec: { nodeName?: string } }>(filler)
      return pod?.spec.nodeName !== undefined
    })

    await platform.api().app.create.mutate({ ...platform.environment, app: 'late', source: { kind: 'git' } })
    const push = tree.git('push', platform.gitUrl('late'), 'main')
    const build = await waitFor('the build', () => platform.database.db.client.build.findFirst())
    const log = await waitFor('the build to say what it waits for', async () => {
      const view = await platform.api().build.get.query({ ...platform.environment, app: 'late', build: build.number })
      return view.status === 'running' && (await logOf(build.id)).includes('Waiting for capacity') && logOf(build.id)
    })
    expect(log).toContain('Waiting for capacity in the cluster: 0/1 nodes are available: 1 Insufficient cpu.')
    expect(log.match(/Waiting for capacity/g)).toHaveLength(1)
    await cluster.delete(filler, { gracePeriodSeconds: 0 })
    const { exitCode, output } = await push
    expect(output).toContain('remote: -----> Waiting for capacity in the cluster')
    expect(exitCode).toBe(0)
  } finally {
    await tree.remove()
    await cluster.close()
  }
}, 180_000)

async function logOf(buildId: string): Promise<string> {
  return (await createKeptLogs(platform.database.db, 'build').tail(buildId, 1000)).join('\n')
}
