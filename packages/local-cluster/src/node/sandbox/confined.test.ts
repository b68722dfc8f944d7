import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalCluster, startLocalCluster } from '../../cluster.ts'
import type { Pod } from '../../types/pod.ts'
import { until } from '../testing/cluster.ts'
import { layerOf } from '../testing/images.ts'
import { requestOf } from '../testing/request.ts'
import { FIRST_USER } from './confinement.ts'
import { probeSandbox } from './sandbox.ts'

const NAMESPACE = 'teams'
const CANARY = 'what the victim alone may know'
const BUILD_TIMEOUT_MS = 120_000

/** What a program of a team tries on its machine: each line says how far it came. */
const SPY = `
const { execFileSync } = require('node:child_process')
const { existsSync, readdirSync, readFileSync, writeFileSync } = require('node:fs')
const say = (name, what) => { try { console.log(name, JSON.stringify(what())) } catch (error) { console.log(name, error.code) } }
const numbers = () => readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).map(Number)
const text = (file) => { try { return readFileSync(file, 'latin1') } catch { return '' } }
const canary = '${[...CANARY].reverse().join('')}'.split('').reverse().join('')
const list = (dir) => { try { return readdirSync(dir, { withFileTypes: true }) } catch { return [] } }
const files = (dir) => list(dir).flatMap((entry) => entry.isDirectory() ? files(dir + '/' + entry.name) : entry.isFile() ? [dir + '/' + entry.name] : [])
const [dir] = process.argv.slice(2)
exports.spy = (dir) => {
  say('uid', () => process.getuid())
  say('name', () => require('node:os').userInfo().username)
  say('secret-key', () => readFileSync(dir + '/secret-key', 'utf8'))
  say('kubeconfig', () => readFileSync(dir + '/cluster/kubeconfig', 'utf8'))
  say('shadow', () => readFileSync('/etc/shadow', 'utf8').length)
  say('environs', () => numbers().filter((pid) => text('/proc/' + pid + '/environ').includes(canary)))
  say('arguments', () => numbers().filter((pid) => text('/proc/' + pid + '/cmdline').includes('victim' + '-runs')))
  say('pods', () => readdirSync(dir + '/cluster/node/pods').length)
  say('tmp', () => readdirSync('/tmp').filter((name) => name.startsWith('victim')))
  say('files', () => files(dir).filter((file) => text(file).includes(canary)))
  say('kill', () => { for (const pid of numbers()) if (pid > 1 && pid !== process.pid) { try { process.kill(pid, 0); if (!text('/proc/' + pid + '/status').includes('Uid:\\t' + process.getuid())) return pid } catch {} } return 'nobody' })
  say('rights', () => text('/proc/self/status').match(/^(?:CapPrm|CapBnd|NoNewPrivs):.*/gm).map((line) => line.split('\\t')[1]).join())
  say('root', () => execFileSync('unshare', ['-m', 'true'], { stdio: 'pipe' }).length)
  say('writes', () => { for (const place of [process.cwd(), '/tmp', process.env.HOME]) if (place !== '/' && existsSync(place)) writeFileSync(place + '/made', 'x'); return 'all' })
}
if (require.main === module) exports.spy(dir)
`

const isAllowed = async () => {
  const dir = mkdtempSync(join(tmpdir(), 'slipway-confined-probe-'))
  const probe = await probeSandbox([dir])
  rmSync(dir, { recursive: true, force: true })
  return probe.sandbox?.ownUsers === true
}

// Only root can give pods users of their own, where the kernel lets it.
describe.skipIf(!(await isAllowed()))('pods without an OCI runtime', () => {
  let cluster: LocalCluster
  let dir: string

  const start = () =>
    startLocalCluster({
      ...{ stateDir: join(dir, 'cluster'), apiPort: 0, ingressPort: 0, token: 'of the test' },
      node: { ociRuntime: 'none', hiddenDirs: [dir] },
    })
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'slipway-confined-'))
    writeFileSync(join(dir, 'secret-key'), CANARY, { mode: 0o644 })
    cluster = await start()
    await request('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } })
    const sh = `echo '${CANARY}' >"$HOME/own"; echo x >/tmp/victim; : victim-runs; while :; do sleep 1; done`
    await create('victim', { image: 'busybox', command: ['sh', '-c', sh], env: [{ name: 'CANARY', value: CANARY }] })
    await running('victim')
  })
  afterAll(async () => {
    await cluster.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  const request = (method: string, path: string, body?: object) => requestOf(cluster, method, path, body)
  const core = `/api/v1/namespaces/${NAMESPACE}`
  const podOf = async (name: string) => JSON.parse(await request('GET', `${core}/pods/${name}`)) as Pod
  const logOf = (name: string) => request('GET', `${core}/pods/${name}/log`)
  const create = (name: string, container: object, spec: object = {}) =>
    request('POST', `${core}/pods`, {
      metadata: { name },
      spec: { restartPolicy: 'Never', containers: [{ name: 'main', ...container }], ...spec },
    })
  const running = (name: string) =>
    until(`${name} runs`, async () => ((await podOf(name)).status?.containerStatuses?.[0]?.ready ? podOf(name) : null))
  const over = (name: string) =>
    until(
      `${name} is over`,
      async () => {
        const pod = await podOf(name)
        return /Succeeded|Failed/.test(pod.status?.phase ?? '') ? pod : null
      },
      BUILD_TIMEOUT_MS,
    )
  const shell = (script: string, more: object = {}) => ({ image: 'busybox', command: ['sh', '-c', script], ...more })

  function expectRefused(log: string): void {
    const said = Object.fromEntries(
      log.split('\n').map((line) => [line.trim().split(' ')[0], line.trim().replace(/^\S+ /, '')]),
    )
    expect(Number(said.uid), log).toBeGreaterThanOrEqual(FIRST_USER)
    expect(said).toMatchObject({
      name: '"app"',
      'secret-key': 'ENOENT',
      kubeconfig: 'ENOENT',
      shadow: 'EACCES',
      environs: '[]',
      arguments: '[]',
      pods: '1',
      tmp: '[]',
      files: '[]',
      kill: '"nobody"',
      rights: '"0000000000000000,0000000000000000,1"',
      writes: '"all"',
    })
    expect(said.root).not.toBe('0')
  }

  it('say on the node how far they are kept apart', async () => {
    const node = JSON.parse(await request('GET', '/api/v1/nodes/local')) as Pod
    expect(node.metadata.annotations?.['local.slipway.dev/isolation']).toBe('user')
  })

  it('a program of the catalogue reads, sees and ends nothing of the machine or of others', async () => {
    await create('attacker', { image: 'node', command: ['node', '-e', `${SPY}; exports.spy('${dir}')`] })
    expect((await over('attacker')).status?.phase).toBe('Succeeded')
    expectRefused(await logOf('attacker'))
    await running('victim')
  })

  it('neither does a build, nor what it built', async () => {
    const scripts = { build: `node spy.js ${dir}`, start: `node server.js` }
    const server = `require('./spy.js').spy('${dir}'); require('node:http').createServer((_, response) => response.end()).listen(process.env.PORT)`
    const archive = await layerOf([
      { name: 'package.json', content: JSON.stringify({ name: 'spy', version: '1.0.0', scripts }) },
      { name: 'spy.js', content: SPY },
      { name: 'server.js', content: server },
    ])
    const sources = createServer((_request, response) => response.end(archive))
    await new Promise<void>((resolve) => sources.listen(0, '127.0.0.1', resolve))
    const env = {
      SOURCE_URL: `http://127.0.0.1:${(sources.address() as AddressInfo).port}/`,
      SOURCE_TOKEN: 'of the source',
      REGISTRY_PUSH_URL: cluster.registryUrl,
      IMAGE_REPOSITORY: 'acme/spy',
      IMAGE_PREFIX: 'registry.slipway.internal',
      CACHE_KEY: 'app-1',
    }
    const image = 'slipway.internal/builder:1'
    const build = { image, env: Object.entries(env).map(([name, value]) => ({ name, value })) }
    await create('build-1', build)
    const first = await over('build-1')
    const log = await logOf('build-1')
    const { message = '' } = first.status?.containerStatuses?.[0]?.state.terminated ?? {}
    expect(first.status?.phase, log + message).toBe('Succeeded')
    expectRefused(log)
    // The next build of the app finds its cache, and may write it: they share a user.
    await create('build-2', build)
    expect((await over('build-2')).status?.phase, await logOf('build-2')).toBe('Succeeded')
    sources.close()
    const userOf = (text: string) => /^.*uid (\d+)$/m.exec(text)?.[1]
    expect(userOf(await logOf('build-2'))).toBe(userOf(log))
    await create('built', { ...(JSON.parse(message) as { image: string }), ports: [{ containerPort: 8080 }] })
    await running('built')
    const said = await until('it has tried everything', async () =>
      logOf('built').then((text) => (text.includes('writes') ? text : null)),
    )
    expectRefused(said)
    expect(userOf(said)).not.toBe(userOf(log))
  }, 300_000)

  it('nothing that a team sets runs with the rights of the cluster', async () => {
    const env = ['LD_PRELOAD', 'LD_LIBRARY_PATH', 'PATH', 'ENV', 'BASH_ENV', 'IFS'].map((name) => ({
      name,
      value:
        name === 'PATH' ? '/nowhere:/usr/bin:/bin' : name === 'LD_PRELOAD' ? '/nowhere/evil.so' : `its own ${name}`,
    }))
    await create('loader', shell('echo "$PATH $LD_LIBRARY_PATH"; env | grep -c _slipway_', { env }))
    await over('loader')
    const log = await logOf('loader')
    expect(log).toContain('its own LD_LIBRARY_PATH')
    expect(log).toContain('\n0\n')
    const file = join(dir, 'preloaded')
    // Each program that loads it complains: those in front of the container's own did not.
    expect(log.match(/evil\.so/g)?.length ?? 0, file).toBeLessThanOrEqual(4)
  })

  it('a fork bomb ends at a bound of its own', async () => {
    const bomb = 'i=0; while [ $i -lt 3000 ]; do sleep 60 & i=$((i+1)); done; echo unbounded'
    await create('bomb', shell(bomb))
    const pod = await over('bomb')
    expect(pod.status?.phase).toBe('Failed')
    expect(await logOf('bomb')).toMatch(/[Cc]annot fork|Resource temporarily unavailable/)
    await running('victim')
  })

  it('volumes keep their owner across pods, and secrets can be read', async () => {
    const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } }
    await request('POST', `${core}/persistentvolumeclaims`, { metadata: { name: 'data' }, spec: claim })
    await request('POST', `${core}/secrets`, { metadata: { name: 'vars' }, stringData: { KEY: 'value' } })
    const volumes = [
      { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
      { name: 'vars', secret: { secretName: 'vars', defaultMode: 0o400 } },
    ]
    const volumeMounts = [
      { name: 'data', mountPath: '/data' },
      { name: 'vars', mountPath: '/run/vars' },
    ]
    const script =
      'cat /run/vars/KEY; umask 077; mkdir -p /data/deep; echo line >>/data/deep/file; cat /data/deep/file; id -u'
    for (const name of ['first', 'second']) {
      await create(name, shell(script, { volumeMounts }), { volumes })
      expect((await over(name)).status?.phase, await logOf(name)).toBe('Succeeded')
    }
    const [first, second] = [await logOf('first'), await logOf('second')]
    expect(first).toMatch(/^valueline\n\d+\n$/)
    expect(second).toBe(first.replace('line\n', 'line\nline\n'))
  })

  it('a restart of the cluster takes them over, with what runs beside them', async () => {
    await create('lasting', {
      ...shell(
        `trap 'echo bye; exit 0' TERM; i=0; while :; do echo line $i; echo said >/dev/stderr; i=$((i+1)); sleep 0.2; done`,
      ),
      readinessProbe: {
        exec: { command: ['sh', '-c', 'test $(ls -d /proc/[0-9]* | wc -l) -lt 15'] },
        periodSeconds: 1,
      },
    })
    const before = await running('lasting')
    await cluster.stop({ stopPods: false })
    cluster = await start()
    expect(cluster.stats().node?.adoptedContainers).toBeGreaterThanOrEqual(2)
    await until('its log goes on', async () => {
      const seen = (await logOf('lasting')).match(/^line \d+$/gm)?.length ?? 0
      return seen > 20
    })
    const after = await running('lasting')
    const idOf = (pod: Pod) => pod.status?.containerStatuses?.[0]?.containerID
    expect(idOf(after)).toBe(idOf(before))
    const lines = (await logOf('lasting')).match(/^line \d+$/gm) ?? []
    expect(lines).toEqual(lines.map((_, index) => `line ${index}`))
    expect(await logOf('lasting')).toContain('said')
    await request('DELETE', `${core}/pods/lasting?gracePeriodSeconds=10`)
    await until('it is gone', async () => !(await request('GET', `${core}/pods`)).includes('"lasting"'))
    await running('victim')
  })
})
