import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type DockerRegistry, REGISTRY_PASSWORD, startDockerRegistry } from '@slipway/builder/testing/docker-registry'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createImageStore } from '../../registry/images/index.ts'
import { createRegistry } from '../../registry/index.ts'
import { Secrets, ServiceAccounts } from '../../types/resources.ts'
import {
  createPod,
  eventsAbout,
  NAMESPACE,
  runInPod,
  startTestCluster,
  type TestCluster,
  untilPod,
} from '../testing/cluster.ts'
import { missingPrograms } from '../testing/programs.ts'

const run = promisify(execFile)
/** Listens on a fixed port below 1024 as a user that is not root, and knows nothing of PORT. */
const DOCKERFILE = `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "mkdir", "-p", "/srv", "/etc"]
RUN ["/bin/busybox", "sh", "-c", "echo from a Dockerfile >/srv/index.html; echo www:x:33:33::/srv:/bin/sh >/etc/passwd"]
USER www
WORKDIR /srv
EXPOSE 80
ENTRYPOINT ["/bin/busybox", "httpd", "-f", "-p", "80", "-h", "/srv"]
`

describe.skipIf(missingPrograms(['runc', 'busybox', 'buildah', 'docker-registry']))('an image made by buildah', () => {
  let dir: string
  let registry: DockerRegistry
  let cluster: TestCluster
  let image: string

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'slipway-buildah-'))
    registry = await startDockerRegistry({ dir: join(dir, 'distribution'), hasPassword: true })
    image = `${registry.host}/acme/web:v1`
    const source = join(dir, 'source')
    mkdirSync(source)
    copyFileSync('/bin/busybox', join(source, 'busybox'))
    writeFileSync(join(source, 'Dockerfile'), DOCKERFILE)
    const storage = ['--root', join(dir, 'storage'), '--runroot', join(dir, 'run'), '--storage-driver', 'vfs']
    await run('buildah', [...storage, 'bud', '--isolation', 'chroot', '--tag', image, source])
    const login = ['--creds', `user:${REGISTRY_PASSWORD}`, '--tls-verify=false']
    await run('buildah', [...storage, 'push', ...login, image])
    const embedded = await createRegistry({ dir: join(dir, 'registry') })
    const images = await createImageStore({ dir: join(dir, 'images'), registry: embedded, hosts: [] })
    cluster = await startTestCluster({ dir: join(dir, 'state'), images, hostImages: [] })
  })
  afterAll(async () => {
    await cluster.stop()
    await registry.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  it('is refused without credentials, and the pod says what is missing', async () => {
    await createPod(cluster, 'stranger', { containers: [{ name: 'web', image }] })
    const pod = await untilPod(cluster, 'stranger', 'waits', (each) =>
      /ErrImagePull|ImagePullBackOff/.test(each.status?.containerStatuses?.[0]?.state.waiting?.reason ?? ''),
    )
    const { message } = pod.status?.containerStatuses?.[0]?.state.waiting ?? {}
    expect(message).toContain("wants credentials for acme/web, and the pod's imagePullSecrets have none")
  })

  it('is pulled with the secret of its service account, and serves on its own fixed port', async () => {
    const auths = { [registry.host]: { username: 'user', password: REGISTRY_PASSWORD } }
    await cluster.api.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'login', namespace: NAMESPACE },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') },
    } as Parameters<typeof cluster.api.create>[0])
    expect(await cluster.api.get(Secrets, { namespace: NAMESPACE, name: 'login' })).not.toBeNull()
    const account = { namespace: NAMESPACE, name: 'default' }
    const body = { imagePullSecrets: [{ name: 'login' }] }
    await cluster.api.patch(ServiceAccounts, account, { type: 'merge', body })
    const probe = { httpGet: { path: '/', port: 80 }, periodSeconds: 1 }
    await createPod(cluster, 'web', { containers: [{ name: 'web', image, readinessProbe: probe }] })
    const pod = await untilPod(
      cluster,
      'web',
      'is ready',
      (each) => each.status?.containerStatuses?.[0]?.ready === true,
    )
    expect((await eventsAbout(cluster, 'web')).map(({ reason }) => reason)).toContain('Pulled')
    const asked = await runInPod(cluster, pod, [
      '/bin/busybox',
      'wget',
      '-q',
      '-O',
      '-',
      `http://${pod.status?.podIP}:80/`,
    ])
    expect(asked).toEqual({ code: 0, output: 'from a Dockerfile\n' })
    expect((await runInPod(cluster, pod, ['/bin/busybox', 'id', '-un'])).output).toBe('www\n')
    const { status } = await fetch(`http://127.0.0.1:${ports(pod.metadata.annotations)['80']}/`)
    expect(status).toBe(200)
  })
})

const ports = (annotations: Record<string, string> = {}) =>
  JSON.parse(annotations['local.slipway.dev/ports'] ?? '{}') as Record<string, number>
