import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalCluster, startLocalCluster } from '../../cluster.ts'
import type { Pod } from '../../types/pod.ts'
import { until } from '../testing/cluster.ts'
import { layerOf } from '../testing/images.ts'
import { missingPrograms } from '../testing/programs.ts'
import { requestOf } from '../testing/request.ts'

const NAMESPACE = 'builds'
const TOKEN = 'the token of the source'

/** What a build can find out about the machine that it runs on. */
const SPY = `
const { execSync } = require('node:child_process')
const { readdirSync, readFileSync } = require('node:fs')
const say = (name, what) => { try { console.log(name, JSON.stringify(what())) } catch (error) { console.log(name, error.code) } }
say('uid', () => process.getuid())
say('state', () => readdirSync(process.argv[2]))
say('kubeconfig', () => readFileSync(process.argv[2] + '/kubeconfig', 'utf8').length)
say('shadow', () => readFileSync('/etc/shadow', 'utf8').length)
say('homes', () => [...readdirSync('/home'), ...readdirSync('/root')].filter((name) => name !== 'app'))
say('processes', () => readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).length < 30)
say('vars', () => readFileSync('/run/vars/KEY', 'utf8'))
say('caches', () => readdirSync('/cache'))
say('capabilities', () => /CapEff:\\s*(\\w+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1])
`

describe.skipIf(missingPrograms(['runc']))('builds in an OCI runtime', () => {
  let cluster: LocalCluster
  let sources: Server
  let stateDir: string

  beforeAll(async () => {
    stateDir = mkdtempSync(join(tmpdir(), 'slipway-build-test-'))
    cluster = await startLocalCluster({ stateDir, apiPort: 0, ingressPort: 0 })
    const archive = await layerOf([
      {
        name: 'package.json',
        content: JSON.stringify({
          name: 'spy',
          version: '1.0.0',
          scripts: { build: `node spy.js ${stateDir}`, start: 'node server.js' },
        }),
      },
      { name: 'spy.js', content: SPY },
      {
        name: 'server.js',
        content: `require('node:http').createServer((_, response) => response.end('built and served by ' + process.getuid())).listen(process.env.PORT)`,
      },
    ])
    sources = createServer((_request, response) => response.end(archive))
    await new Promise<void>((resolve) => sources.listen(0, '127.0.0.1', resolve))
    await request('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } })
  })
  afterAll(async () => {
    sources.close()
    await cluster.stop()
    rmSync(stateDir, { recursive: true, force: true })
  })

  const request = (method: string, path: string, body?: object) => requestOf(cluster, method, path, body)
  const pods = `/api/v1/namespaces/${NAMESPACE}/pods`
  const podOf = async (name: string) => JSON.parse(await request('GET', `${pods}/${name}`)) as Pod

  it('see their source, their cache and programs of the machine, and nothing else', async () => {
    const env = {
      SOURCE_URL: `http://127.0.0.1:${(sources.address() as AddressInfo).port}/`,
      SOURCE_TOKEN: TOKEN,
      REGISTRY_PUSH_URL: cluster.registryUrl,
      IMAGE_REPOSITORY: 'acme/spy',
      IMAGE_PREFIX: 'registry.slipway.internal',
      CACHE_KEY: 'app-1',
    }
    await request('POST', `/api/v1/namespaces/${NAMESPACE}/secrets`, {
      metadata: { name: 'vars' },
      stringData: { KEY: 'value' },
    })
    await request('POST', pods, {
      metadata: { name: 'build' },
      spec: {
        restartPolicy: 'Never',
        automountServiceAccountToken: false,
        containers: [
          {
            name: 'build',
            image: 'slipway.internal/builder:1',
            env: Object.entries(env).map(([name, value]) => ({ name, value })),
            securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
            volumeMounts: [{ name: 'vars', mountPath: '/run/vars', readOnly: true }],
          },
        ],
        securityContext: { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000 },
        volumes: [{ name: 'vars', secret: { secretName: 'vars', defaultMode: 0o440 } }],
      },
    })
    const build = await until(
      'it is built',
      async () => {
        const pod = await podOf('build')
        return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed' ? pod : null
      },
      120_000,
    )
    const log = await request('GET', `${pods}/build/log`)
    const { message = '' } = build.status?.containerStatuses?.[0]?.state.terminated ?? {}
    expect(build.status?.phase, log + message).toBe('Succeeded')
    expect(log).toContain('uid 1000')
    expect(log).toContain('state ENOENT')
    expect(log).toContain('kubeconfig ENOENT')
    expect(log).toContain('shadow ENOENT')
    expect(log).toMatch(/homes (?:ENOENT|\[\])/)
    expect(log).toContain('vars "value"')
    expect(log).toContain('processes true')
    expect(log).toContain('caches ["app-1"]')
    expect(log).toContain('capabilities "0000000000000000"')

    // Whoever runs the builder elsewhere cannot get out by what only builds of Dockerfiles may.
    await request('POST', pods, {
      metadata: { name: 'guest' },
      spec: {
        restartPolicy: 'Never',
        containers: [
          {
            name: 'guest',
            image: 'slipway.internal/builder:1',
            command: ['sh', '-c', `id -u; ls ${stateDir}`],
            env: [{ name: 'BUILD_STRATEGY', value: 'dockerfile' }],
          },
        ],
      },
    })
    await until('the guest has ended', async () => (await podOf('guest')).status?.phase === 'Failed')
    const guest = await request('GET', `${pods}/guest/log`)
    expect(guest).toContain('1000\n')
    expect(guest).toContain('No such file or directory')

    const { image } = JSON.parse(message) as { image: string }
    await request('POST', pods, {
      metadata: { name: 'app' },
      spec: { containers: [{ name: 'app', image, ports: [{ containerPort: 8080 }] }] },
    })
    const app = await until('the app runs', async () => {
      const pod = await podOf('app')
      return pod.status?.containerStatuses?.[0]?.ready ? pod : null
    })
    const ports = JSON.parse(app.metadata.annotations?.['local.slipway.dev/ports'] ?? '{}') as Record<string, number>
    const text = await until('the app answers', async () =>
      fetch(`http://127.0.0.1:${ports['8080']}/`).then(
        (response) => response.text(),
        () => null,
      ),
    )
    expect(text).toBe('built and served by 1000')
  }, 180_000)
})
