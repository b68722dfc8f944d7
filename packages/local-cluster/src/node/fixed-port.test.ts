import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LocalApi } from '../api/client.ts'
import { mappedPorts } from '../controllers/pod-ports.ts'
import { groupsName } from './cgroups/cgroups.ts'
import { unifiedMount } from './cgroups/hierarchy.ts'
import { probePortRewriter } from './port-rewrite/port-rewriter.ts'
import { NAMESPACE, runInPod, startTestCluster, type TestCluster, untilPod } from './testing/cluster.ts'

const probe = await probePortRewriter(`slipway-test-${process.pid}`)

/** A program that knows one port only, on one of the addresses that programs use. */
const server = (name: string, host: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: NAMESPACE },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'app',
        image: 'host',
        command: [
          'node',
          '-e',
          `require('node:http').createServer((q, r) => r.end('${name}')).listen(8080, '${host}')`,
        ],
        ports: [{ name: 'http', containerPort: 8080 }],
        readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
      },
    ],
  },
})

describe.skipIf(probe.rewriter === null)('ports that programs do not take from PORT', () => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = await startTestCluster()
  })
  afterAll(async () => {
    await cluster.stop()
    const base = join(unifiedMount() ?? '', `${groupsName(join(cluster.dir, 'node'))}-ports`)
    expect(existsSync(base)).toBe(false)
  })

  test('pods that listen on one port run beside each other, each reached by its own', async () => {
    const hosts = { one: '0.0.0.0', two: '127.0.0.1', three: '::', four: '::1' }
    for (const [name, host] of Object.entries(hosts)) {
      await cluster.api.create(server(name, host) as unknown as Parameters<LocalApi['create']>[0])
    }
    for (const name of ['one', 'two', 'three']) {
      const pod = await untilPod(
        cluster,
        name,
        'is ready',
        (each) => each.status?.containerStatuses?.[0]?.ready === true,
      )
      const port = mappedPorts(pod)['8080']
      expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe(name)
      // Inside, it is where it said.
      for (const host of ['127.0.0.1', 'localhost']) {
        const ask = `process.stdout.write(await (await fetch('http://${host}:8080')).text())`
        const inside = await runInPod(cluster, pod, ['node', '--input-type=module', '-e', ask])
        expect(inside).toEqual({ code: 0, output: name })
      }
    }
    const four = await untilPod(cluster, 'four', 'runs', (pod) => pod.status?.phase === 'Running')
    const ask = `process.stdout.write(await (await fetch('http://[::1]:8080')).text().catch(String))`
    const retry = `for (;;) { try { ${ask}; break } catch { await new Promise((r) => setTimeout(r, 50)) } }`
    expect((await runInPod(cluster, four, ['node', '--input-type=module', '-e', retry])).output).toBe('four')
  }, 60_000)
})
