import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createImageStore } from '../../registry/images/index.ts'
import { createRegistry, type Registry } from '../../registry/index.ts'
import type { Json } from '../../types/objects.ts'
import type { Pod } from '../../types/pod.ts'
import { Nodes } from '../../types/resources.ts'
import {
  createPod,
  deletePod,
  eventsAbout,
  getPod,
  readPodLog,
  runInPod,
  startTestCluster,
  type TestCluster,
  until,
  untilPod,
} from '../testing/cluster.ts'
import { busybox, type Entry, putImage } from '../testing/images.ts'
import { missingPrograms } from '../testing/programs.ts'
import { MOST_PROCESSES } from './spec.ts'

const HOST = 'registry.slipway.internal'

describe.skipIf(missingPrograms(['runc', 'busybox']))('containers in an OCI runtime', () => {
  let cluster: TestCluster
  let registry: Registry
  let dir: string
  const secret = 'this is for nobody else'

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'slipway-runtime-'))
    registry = await createRegistry({ dir: join(dir, 'registry') })
    const images = await createImageStore({
      dir: join(dir, 'images'),
      registry,
      hosts: [HOST],
      hostPath: '/usr/bin:/bin',
    })
    cluster = await startTestCluster({ dir: join(dir, 'state'), images, hostImages: [] })
    mkdirSync(join(dir, 'state'), { recursive: true })
    writeFileSync(join(dir, 'state', 'secret-key'), secret)
    await putImage(registry, 'base', [busybox()], { Cmd: ['sh'] })
  })
  afterAll(async () => {
    await cluster.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  const script = (text: string, more: Record<string, Json> = {}, image = 'base') => ({
    name: 'main',
    image: `${HOST}/${image}:v1`,
    command: ['sh', '-c', text],
    ...more,
  })

  /** Runs a container to its end and answers what it said, and how it ended. */
  async function output(name: string, container: Record<string, Json>, spec: Record<string, unknown> = {}) {
    await createPod(cluster, name, { restartPolicy: 'Never', containers: [container], ...spec })
    const isOver = (pod: Pod) => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
    const pod = await untilPod(cluster, name, 'is over', isOver)
    return { text: await readPodLog(cluster, pod), state: pod.status?.containerStatuses?.[0]?.state.terminated }
  }
  const running = (name: string) =>
    untilPod(cluster, name, 'is ready', (pod) => pod.status?.containerStatuses?.[0]?.ready === true)

  const WAITS = 'until [ -e /tmp/end ]; do sleep 0.2; done; exit 1'

  it('leaves no environment of a container that has ended in its files', async () => {
    const value = 'an environment that is for its container alone'
    const bundles = () =>
      readdirSync(join(dir, 'state'), { recursive: true, encoding: 'utf8' })
        .filter((path) => basename(path) === 'config.json')
        .filter((path) => readFileSync(join(dir, 'state', path), 'utf8').includes(value))
    const env = [{ name: 'HUSH', value }]
    await createPod(cluster, 'hush', { restartPolicy: 'Never', containers: [script(WAITS, { env })] })
    const pod = await running('hush')
    const [bundle = ''] = bundles()
    expect(statSync(join(dir, 'state', bundle)).mode & 0o777).toBe(0o600)
    expect((await runInPod(cluster, pod, ['touch', '/tmp/end'])).code).toBe(0)
    await untilPod(cluster, 'hush', 'is over', (pod) => pod.status?.phase === 'Failed')
    expect(bundles()).toEqual([])
  })

  it('says on the node that containers are isolated', async () => {
    const node = await cluster.api.get(Nodes, { name: 'local' })
    expect(node?.metadata.annotations?.['local.slipway.dev/isolation']).toBe('runtime')
  })

  it('runs in the root file system of the image, with its own processes, host name and files', async () => {
    const { text } = await output(
      'own',
      script('ls / | sort; echo pid $$$$; ps; cat /etc/hostname; cat /etc/hosts; id'),
    )
    expect(text).toContain('bin\ndev\netc\nproc\nsys\ntmp\n')
    expect(text).toContain('pid 1\n')
    expect(text.match(/^ +\d+ root/gm)?.length).toBeLessThan(5)
    expect(text).toContain('own\n')
    expect(text).toContain('localhost')
    expect(text).toContain('uid=0(root) gid=0(root)')
  })

  it('runs as the user of the image, with the groups that the image gives it, and as whom the pod says', async () => {
    await putImage(registry, 'web', [busybox()], { User: 'web', Env: ['A=from the image'], WorkingDir: '/srv/app' })
    const image = 'web'
    const plain = await output('user', script('id; pwd; echo $A; echo home $HOME', {}, image))
    expect(plain.text).toBe(
      'uid=101(web) gid=102(web) groups=102(web),103(media)\n/srv/app\nfrom the image\nhome /srv\n',
    )
    const securityContext = { runAsUser: 5000, runAsGroup: 6000, supplementalGroups: [7000], fsGroup: 8000 }
    const asked = await output('asked', script('id', {}, image), { securityContext })
    expect(asked.text).toBe('uid=5000 gid=6000 groups=6000,7000,8000\n')
    await createPod(cluster, 'not-root', {
      securityContext: { runAsNonRoot: true },
      containers: [script('id')],
    })
    const refused = await untilPod(
      cluster,
      'not-root',
      'waits',
      (pod) => pod.status?.containerStatuses?.[0]?.state.waiting?.reason === 'CreateContainerConfigError',
    )
    expect(refused.status?.containerStatuses?.[0]?.state.waiting?.message).toContain(
      'container has runAsNonRoot and image will run as root',
    )
    await deletePod(cluster, 'not-root', 0)
  })

  it('grants the capabilities of Kubernetes less what is dropped, and applies seccomp', async () => {
    const caps =
      'cat /proc/self/status | while read k v; do case $k in Cap*|Seccomp:|NoNewPrivs:) echo $k $v;; esac; done'
    const plain = await output('caps', script(caps))
    // Those of containerd less NET_RAW.
    expect(plain.text).toContain('CapBnd: 00000000a80405fb')
    expect(plain.text).toContain('Seccomp: 2')
    const strict = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }
    const dropped = await output('dropped', script(caps, { securityContext: strict }))
    expect(dropped.text).toContain('CapEff: 0000000000000000')
    expect(dropped.text).toContain('CapBnd: 0000000000000000')
    expect(dropped.text).toContain('NoNewPrivs: 1')
    const readOnly = { readOnlyRootFilesystem: true }
    expect((await output('ro', script('touch /x', { securityContext: readOnly }))).text).toContain(
      'Read-only file system',
    )
  })

  it('keeps what a container writes from others of its image', async () => {
    await output('writes', script('echo changed >/etc/passwd; echo mine >/mine'))
    expect((await output('reads', script('cat /etc/passwd; ls /mine'))).text).toContain('root:x:0:0')
  })

  it('cannot see files of the machine, the state of Slipway, or processes of others', async () => {
    await createPod(cluster, 'victim', {
      containers: [
        script(`trap 'exit 0' TERM; while :; do sleep 1; done`, { env: [{ name: 'TOKEN', value: secret }] }),
      ],
    })
    const victim = await running('victim')
    const hostPid = Number(
      readFileSync(join(dir, 'state/node/pods', victim.metadata.uid ?? '', 'containers/main/0/sandbox/pid'), 'utf8'),
    )
    const key = join(dir, 'state', 'secret-key')
    const attack = [
      `cat ${key}`,
      `ls /root /home ${dir} ${process.cwd()}`,
      `cat /proc/${hostPid}/environ`,
      `kill -9 ${hostPid}`,
      'for each in /proc/[0-9]*; do cat $each/environ; done',
      'kill -9 -1',
    ].join('; ')
    const { text } = await output('attacker', script(attack))
    expect(text).not.toContain(secret)
    expect(text).toContain(`${key}': No such file`)
    expect((await getPod(cluster, 'victim'))?.status?.containerStatuses?.[0]?.restartCount).toBe(0)
    expect((await runInPod(cluster, victim, ['sh', '-c', 'echo $TOKEN'])).output).toBe(`${secret}\n`)
    await deletePod(cluster, 'victim', 0)
  })

  it('holds a container to a number of processes', async () => {
    const { text } = await output('bomb', script('cat /sys/fs/cgroup/pids/pids.max || cat /sys/fs/cgroup/pids.max'))
    expect(text).toContain(`${MOST_PROCESSES}\n`)
    const bomb = `i=0; while [ $i -lt ${MOST_PROCESSES + 100} ]; do sleep 60 & i=$((i+1)); done`
    expect((await output('forks', script(bomb))).text).toMatch(/can't fork|Resource temporarily unavailable/)
  })

  it('says how a program that is not there cannot be started', async () => {
    const { state } = await output('no-program', { ...script(''), command: ['/nosuch'] })
    expect(state).toMatchObject({ exitCode: 128, reason: 'StartError' })
    expect(state?.message).toContain('exec: "/nosuch": stat /nosuch: no such file or directory')
  })

  it('runs images of Slipway on programs of the machine, without rights and without secrets', async () => {
    const layer: Entry[] = [
      { name: 'app', type: 'directory', mode: 0o755 },
      {
        name: 'app/start.sh',
        content:
          '#!/bin/sh\nid\npwd\necho home $HOME\nls /\necho written >file && cat file\nls /etc/shadow /root /home\n',
        mode: 0o755,
      },
    ]
    const labels = { 'dev.slipway.runtime': 'process/1' }
    await putImage(registry, 'native', [layer], { Cmd: ['./start.sh'], WorkingDir: '/app', Labels: labels })
    const { text, state } = await output('native', { name: 'main', image: `${HOST}/native:v1` })
    expect(text).toContain('uid=1000')
    expect(text).toContain('/app\nhome /home/app\n')
    expect(text).toContain('written\n')
    expect(text).toContain("'/etc/shadow': No such file")
    expect(text).toContain("'/root': No such file")
    expect(state?.exitCode).toBe(2)
  })

  it('probes, execs and stops a container, whose last words become its message', async () => {
    const server =
      'echo hi >/tmp/index.html; httpd -p 8080 -h /tmp; trap "echo last words >/dev/termination-log; exit 7" TERM; while :; do sleep 0.1; done'
    await createPod(cluster, 'probed', {
      restartPolicy: 'Never',
      containers: [
        script(server, {
          ports: [{ containerPort: 8080 }],
          readinessProbe: { httpGet: { path: '/index.html', port: 8080 }, periodSeconds: 1 },
          livenessProbe: { exec: { command: ['test', '-e', '/tmp/index.html'] }, periodSeconds: 1 },
        }),
      ],
    })
    const pod = await running('probed')
    const inside = await runInPod(cluster, pod, [
      'wget',
      '-q',
      '-O',
      '-',
      `http://${pod.status?.podIP}:8080/index.html`,
    ])
    expect(inside).toEqual({ code: 0, output: 'hi\n' })
    expect(await runInPod(cluster, pod, ['sh', '-c', 'exit 9'])).toMatchObject({ code: 9 })
    await deletePod(cluster, 'probed')
    await until('it is gone', async () => (await getPod(cluster, 'probed')) === null)
    expect((await eventsAbout(cluster, 'probed')).map(({ reason }) => reason)).toContain('Killing')
  })

  it('reports containers that were OOM-killed', async () => {
    const hungry = script('x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done', { resources: { limits: { memory: '32Mi' } } })
    expect((await output('hungry', hungry)).state).toMatchObject({ exitCode: 137, reason: 'OOMKilled' })
  })
})
