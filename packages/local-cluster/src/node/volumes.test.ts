import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LocalApi } from '../types/client.ts'
import type { Json } from '../types/objects.ts'
import { ConfigMaps } from '../types/resources.ts'
import { probeSandbox } from './sandbox/sandbox.ts'
import {
  createPod,
  deletePod,
  eventsAbout,
  getPod,
  NAMESPACE,
  readPodLog,
  runInPod,
  shell,
  startTestCluster,
  type TestCluster,
  until,
  untilPod,
} from './testing/cluster.ts'

const probe = await probeSandbox([tmpdir()])

const create = (cluster: TestCluster, kind: string, name: string, body: Record<string, Json>, apiVersion = 'v1') =>
  cluster.api.create({
    apiVersion,
    kind,
    metadata: { name, ...(kind === 'PersistentVolume' ? {} : { namespace: NAMESPACE }) },
    ...body,
  } as Parameters<LocalApi['create']>[0])

async function output(cluster: TestCluster, name: string): Promise<string> {
  const pod = await untilPod(cluster, name, 'has ended', (each) => /Succeeded|Failed/.test(each.status?.phase ?? ''))
  return readPodLog(cluster, pod)
}

describe.skipIf(probe.sandbox === null)('volumes in their places', () => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = await startTestCluster()
  })
  afterAll(() => cluster.stop())

  test('emptyDir is shared by the containers of a pod, and goes with it', async () => {
    await createPod(cluster, 'shared', {
      restartPolicy: 'Never',
      volumes: [{ name: 'work', emptyDir: { sizeLimit: '10Mi' } }],
      initContainers: [
        shell('first', 'echo made > /shared/file', { volumeMounts: [{ name: 'work', mountPath: '/shared' }] }),
      ],
      containers: [
        shell('app', 'cat /var/lib/app/data/file; echo no > /var/lib/app/data/file && cat /var/lib/app/data/file', {
          volumeMounts: [{ name: 'work', mountPath: '/var/lib/app/data' }],
        }),
      ],
    })
    expect(await output(cluster, 'shared')).toBe('made\nno\n')
    const pod = await getPod(cluster, 'shared')
    const dir = join(cluster.dir, 'node', 'pods', pod?.metadata.uid ?? '', 'volumes', 'work')
    expect(readFileSync(join(dir, 'file'), 'utf8')).toBe('no\n')
    // The machine itself has none of the places.
    expect(existsSync('/shared')).toBe(false)
    expect(existsSync('/var/lib/app')).toBe(false)
    await deletePod(cluster, 'shared')
    await until('the volume is gone', async () => !existsSync(dir))
  })

  test('configMap, secret, downwardAPI and projected: files, items, modes, read only', async () => {
    await create(cluster, 'ConfigMap', 'settings', {
      data: { 'app.conf': 'a=1\n', other: 'x' },
      binaryData: { blob: Buffer.from([0, 255]).toString('base64') },
    })
    await create(cluster, 'Secret', 'keys', { data: { password: Buffer.from('hidden').toString('base64') } })
    const script = [
      'cat /etc/app/app.conf; wc -c < /etc/app/blob | tr -d " "',
      'cat /run/keys/db/pass; echo; stat -L -c %a /run/keys/db/pass',
      'cat /all/labels; echo; cat /all/cpu; echo; cat /all/config; echo',
      'cat /etc/app/single/one; echo',
      'touch /etc/app/new 2>/dev/null || echo read only',
      'cat /var/run/secrets/kubernetes.io/serviceaccount/namespace; echo',
      'test -s /var/run/secrets/kubernetes.io/serviceaccount/token && echo token',
    ].join('\n')
    await cluster.api.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'files', namespace: NAMESPACE, labels: { app: 'files', tier: 'web' } },
      spec: {
        restartPolicy: 'Never',
        volumes: [
          { name: 'config', configMap: { name: 'settings' } },
          {
            name: 'secret',
            secret: { secretName: 'keys', defaultMode: 0o400, items: [{ key: 'password', path: 'db/pass' }] },
          },
          {
            name: 'all',
            projected: {
              sources: [
                { configMap: { name: 'settings', items: [{ key: 'other', path: 'config' }] } },
                { configMap: { name: 'not-there', optional: true } },
                {
                  downwardAPI: {
                    items: [
                      { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
                      {
                        path: 'cpu',
                        resourceFieldRef: { containerName: 'app', resource: 'limits.cpu', divisor: '1m' },
                      },
                    ],
                  },
                },
              ],
            },
          },
        ],
        containers: [
          shell('app', script, {
            resources: { limits: { cpu: '250m' } },
            volumeMounts: [
              { name: 'config', mountPath: '/etc/app' },
              { name: 'secret', mountPath: '/run/keys' },
              { name: 'all', mountPath: '/all' },
              { name: 'config', mountPath: '/opt/other/single', subPath: 'other' },
            ],
          }),
        ],
      },
    } as unknown as Parameters<LocalApi['create']>[0])
    const log = await output(cluster, 'files')
    expect(log.split('\n').slice(0, 7)).toEqual(['a=1', '2', 'hidden', '400', 'app="files"', 'tier="web"', '250'])
    expect(log).toContain('read only')
    expect(log).toContain(`\n${NAMESPACE}\n`)
  })

  test('a volume follows its ConfigMap, all files at once', async () => {
    await create(cluster, 'ConfigMap', 'live', { data: { value: 'one' } })
    await createPod(cluster, 'follows', {
      terminationGracePeriodSeconds: 1,
      volumes: [{ name: 'config', configMap: { name: 'live' } }],
      containers: [shell('app', 'sleep 1000', { volumeMounts: [{ name: 'config', mountPath: '/config' }] })],
    })
    const pod = await untilPod(cluster, 'follows', 'runs', (each) => each.status?.phase === 'Running')
    expect(await runInPod(cluster, pod, ['cat', '/config/value'])).toEqual({ code: 0, output: 'one' })
    const key = { namespace: NAMESPACE, name: 'live' }
    await cluster.api.patch(ConfigMaps, key, { type: 'merge', body: { data: { value: 'two', more: 'x' } } })
    await until(
      'it sees the change',
      async () => (await runInPod(cluster, pod, ['cat', '/config/value'])).output === 'two',
    )
    expect(await runInPod(cluster, pod, ['ls', '/config'])).toEqual({ code: 0, output: 'more\nvalue\n' })
  })

  test('a pod waits for a ConfigMap that is not there, in the words of the kubelet', async () => {
    await createPod(cluster, 'waits', {
      restartPolicy: 'Never',
      volumes: [{ name: 'config', configMap: { name: 'late' } }],
      containers: [shell('app', 'cat /config/k', { volumeMounts: [{ name: 'config', mountPath: '/config' }] })],
    })
    await until('it says why', async () =>
      (await eventsAbout(cluster, 'waits')).some(
        ({ reason, message }) =>
          reason === 'FailedMount' &&
          message === 'MountVolume.SetUp failed for volume "config" : configmap "late" not found',
      ),
    )
    expect((await getPod(cluster, 'waits'))?.status?.containerStatuses?.[0]?.state).toEqual({
      waiting: { reason: 'ContainerCreating' },
    })
    await create(cluster, 'ConfigMap', 'late', { data: { k: 'there' } })
    expect(await output(cluster, 'waits')).toBe('there')
  })

  test('every volume that cannot be had is named', async () => {
    await create(cluster, 'ConfigMap', 'partial', { data: { k: 'v' } })
    await create(cluster, 'Secret', 'partial', {})
    const items = [{ key: 'missing', path: 'there' }]
    await createPod(cluster, 'lacks', {
      volumes: [
        { name: 'config', configMap: { name: 'partial', items } },
        { name: 'keys', secret: { secretName: 'partial', items } },
        { name: 'absent', secret: { secretName: 'absent' } },
      ],
      containers: [shell('app', 'sleep 1000', { volumeMounts: [{ name: 'config', mountPath: '/config' }] })],
    })
    const failed = 'MountVolume.SetUp failed for volume'
    await until('it says why', async () => {
      const events = (await eventsAbout(cluster, 'lacks')).filter(({ reason }) => reason === 'FailedMount')
      return [
        `${failed} "config" : configmap references non-existent config key: missing`,
        `${failed} "keys" : references non-existent secret key: missing`,
        `${failed} "absent" : secret "absent" not found`,
      ].every((message) => events.some((event) => event.message === message))
    })
    const pod = await getPod(cluster, 'lacks')
    expect(pod?.status?.phase).toBe('Pending')
    expect(pod?.status?.conditions?.find(({ type }) => type === 'PodReadyToStartContainers')?.status).toBe('False')
  })

  test('a claim keeps its files from pod to pod', async () => {
    const dir = join(cluster.dir, 'volumes', 'pv-1')
    mkdirSync(dir, { recursive: true })
    await create(cluster, 'PersistentVolume', 'pv-1', {
      spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: dir } },
    })
    const claim = await create(cluster, 'PersistentVolumeClaim', 'data', {
      spec: { accessModes: ['ReadWriteOnce'], volumeName: 'pv-1', resources: { requests: { storage: '1Gi' } } },
    })
    await cluster.api.updateStatus({ ...structuredClone(claim), status: { phase: 'Bound' } } as Parameters<
      LocalApi['updateStatus']
    >[0])
    const pod = (script: string, readOnly: boolean) => ({
      restartPolicy: 'Never',
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data', readOnly } }],
      containers: [shell('app', script, { volumeMounts: [{ name: 'data', mountPath: '/data' }] })],
    })
    await createPod(cluster, 'writer', pod('echo kept > /data/file', false))
    expect(await output(cluster, 'writer')).toBe('')
    expect(readFileSync(join(dir, 'file'), 'utf8')).toBe('kept\n')
    await createPod(cluster, 'reader', pod('cat /data/file; echo no > /data/file 2>/dev/null || echo refused', true))
    expect(await output(cluster, 'reader')).toContain('kept\n')
    expect(readFileSync(join(dir, 'file'), 'utf8')).toBe('kept\n')
  })

  test('a working directory that is nowhere is an empty one of the container alone', async () => {
    const workingDir = '/no/such/dir'
    await createPod(cluster, 'homeless', {
      restartPolicy: 'Never',
      containers: [shell('app', 'pwd; touch file; ls', { workingDir })],
    })
    expect(await output(cluster, 'homeless')).toBe(`${workingDir}\nfile\n`)
    expect(existsSync(workingDir)).toBe(false)
  })

  test('a link in a volume leads nowhere with subPath', async () => {
    const dir = join(cluster.dir, 'host')
    mkdirSync(dir, { recursive: true })
    writeFileSync(join(cluster.dir, 'outside'), 'secret')
    const { symlinkSync } = await import('node:fs')
    symlinkSync(join(cluster.dir, 'outside'), join(dir, 'link'))
    await createPod(cluster, 'escapes', {
      restartPolicy: 'Never',
      volumes: [{ name: 'host', hostPath: { path: dir } }],
      containers: [shell('app', 'cat /x', { volumeMounts: [{ name: 'host', mountPath: '/x', subPath: 'link' }] })],
    })
    const pod = await untilPod(
      cluster,
      'escapes',
      'is refused',
      (each) => each.status?.containerStatuses?.[0]?.state.waiting?.message !== undefined,
    )
    expect(pod.status?.phase).toBe('Pending')
    expect(pod.status?.containerStatuses?.[0]?.state.waiting).toEqual({
      reason: 'CreateContainerConfigError',
      message: 'failed to prepare subPath for volumeMount "host" of container "app"',
    })
  })

  test('the last words go where Kubernetes expects them, and a script of a ConfigMap is a program', async () => {
    await create(cluster, 'ConfigMap', 'scripts', {
      data: { 'run.sh': '#!/bin/sh\nprintf bye > /dev/termination-log\n' },
    })
    await createPod(cluster, 'script', {
      restartPolicy: 'Never',
      volumes: [
        { name: 'scripts', configMap: { name: 'scripts', defaultMode: 0o755 } },
        { name: 'tmp', emptyDir: {} },
      ],
      containers: [
        {
          name: 'app',
          image: 'host',
          command: ['/scripts/run.sh'],
          volumeMounts: [
            { name: 'scripts', mountPath: '/scripts' },
            // Where the cluster of this test has its own directories.
            { name: 'tmp', mountPath: cluster.dir },
          ],
        },
      ],
    })
    const pod = await untilPod(cluster, 'script', 'has ended', (each) =>
      /Succeeded|Failed/.test(each.status?.phase ?? ''),
    )
    expect(pod.status?.containerStatuses?.[0]?.state.terminated).toMatchObject({ exitCode: 0, message: 'bye' })
  })
})

describe('without mount namespaces', () => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = await startTestCluster({ sandbox: 'none' })
  })
  afterAll(() => cluster.stop())

  test('the container is told where its volumes are, and an event says so', async () => {
    await create(cluster, 'ConfigMap', 'settings', { data: { key: 'value' } })
    await createPod(cluster, 'told', {
      restartPolicy: 'Never',
      volumes: [{ name: 'my-config', configMap: { name: 'settings' } }],
      containers: [
        shell('app', 'cat "$SLIPWAY_VOLUME_MY_CONFIG/key"', {
          volumeMounts: [{ name: 'my-config', mountPath: '/config' }],
        }),
      ],
    })
    expect(await output(cluster, 'told')).toBe('value')
    const event = (await eventsAbout(cluster, 'told')).find(({ reason }) => reason === 'VolumesNotMounted')
    expect(event?.message).toContain('SLIPWAY_VOLUME_MY_CONFIG=')
  })
})
