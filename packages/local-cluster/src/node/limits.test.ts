import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { KubernetesObject } from '../types/objects.ts'
import { Nodes } from '../types/resources.ts'
import { groupsName, probeCgroups } from './cgroups/cgroups.ts'
import { findHierarchies } from './cgroups/hierarchy.ts'
import {
  createPod,
  deletePod,
  eventsAbout,
  getPod,
  runInPod,
  shell,
  startTestCluster,
  until,
  untilPod,
} from './testing/cluster.ts'

const scratch = mkdtempSync(join(tmpdir(), 'slipway-limits-'))
const probe = probeCgroups(scratch)
probe.cgroups?.sweep()
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe.skipIf(probe.cgroups === null)('limits that the kernel holds', () => {
  test('a container over its memory limit is OOMKilled at once; a child that is killed leaves it alone', async () => {
    const cluster = await startTestCluster()
    try {
      const eat = "node -e 'const a=[];for(;;)a.push(Buffer.alloc(4e6,1))'"
      await createPod(cluster, 'greedy', {
        restartPolicy: 'Never',
        containers: [
          shell('app', `exec ${eat}`, { resources: { limits: { memory: '100Mi' } } }),
          shell('careful', `${eat} || echo survived; exit 0`, { resources: { limits: { memory: '100Mi' } } }),
        ],
      })
      const pod = await untilPod(cluster, 'greedy', 'has ended', (each) => each.status?.phase === 'Failed')
      const [app, careful] = pod.status?.containerStatuses ?? []
      expect(app?.state.terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' })
      expect(careful?.state.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' })
      expect(cluster.node.stats().oomKills).toBe(1)
    } finally {
      await cluster.stop()
    }
  })

  test('a busy container gets its share of the CPU and no more, and so do commands in it', async () => {
    const cluster = await startTestCluster()
    try {
      await createPod(cluster, 'busy', {
        terminationGracePeriodSeconds: 1,
        containers: [
          shell('app', 'read -r pid rest < /proc/self/stat; echo "$pid" > "$HOME/pid"; while :; do :; done', {
            resources: { limits: { cpu: '200m' } },
          }),
        ],
      })
      const pod = await untilPod(cluster, 'busy', 'runs', (each) => each.status?.phase === 'Running')
      const home = join(cluster.dir, 'node', 'pods', pod.metadata.uid ?? '', 'home')
      const pid = await until('it is busy', async () => {
        const file = join(home, 'pid')
        const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
        return /^\d+\n$/.test(text) ? hostPid(home, Number(text)) : null
      })
      const before = { ticks: cpuTicks(pid), ms: Date.now() }
      await until('it has run for a while', async () => Date.now() - before.ms > 2_000)
      const usedMs = (cpuTicks(pid) - before.ticks) * 10
      expect(usedMs).toBeGreaterThan(0)
      // 20% of the time, and one period more at either end.
      expect(usedMs).toBeLessThanOrEqual((Date.now() - before.ms) * 0.2 + 60)
      const own = readFileSync(`/proc/${pid}/cgroup`, 'utf8')
      const inside = await runInPod(cluster, pod, ['cat', '/proc/self/cgroup'])
      expect(inside.output).toBe(own)
      await deletePod(cluster, 'busy')
      await until('it is gone', async () => (await getPod(cluster, 'busy')) === null)
    } finally {
      await cluster.stop()
    }
    // Nothing is left of the node's groups.
    const name = groupsName(join(cluster.dir, 'node'))
    for (const { memoryParent, cpuParent } of findHierarchies()) {
      expect(existsSync(join(memoryParent, name))).toBe(false)
      expect(existsSync(join(cpuParent, name))).toBe(false)
    }
  })
})

/** The process by its number here: in an OCI runtime the container knows another. */
function hostPid(home: string, own: number): number {
  const file = join(home, '../containers/app/0/sandbox/pid')
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : own
}

function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}

test('without control groups memory is measured, and the node says so', async () => {
  const cluster = await startTestCluster({ cgroups: 'none' })
  try {
    const node = await cluster.api.get<KubernetesObject>(Nodes, { name: cluster.node.nodeName })
    expect(node?.metadata.annotations?.['local.slipway.dev/not-enforced']).toContain('Limits of CPU are not enforced')
    await createPod(cluster, 'greedy', {
      restartPolicy: 'Never',
      containers: [
        {
          name: 'app',
          image: 'host',
          command: ['node', '-e', 'const kept=[];setInterval(()=>kept.push(Buffer.alloc(8e6,1)),20)'],
          resources: { limits: { memory: '120Mi' } },
        },
      ],
    })
    const pod = await untilPod(cluster, 'greedy', 'has failed', (each) => each.status?.phase === 'Failed')
    expect(pod.status?.containerStatuses?.[0]?.state.terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' })
    expect((await eventsAbout(cluster, 'greedy')).length).toBeGreaterThan(0)
  } finally {
    await cluster.stop()
  }
})
