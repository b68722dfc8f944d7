import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from './testing/api.ts'
import { deployment, type Kubectl, kubectlIsThere, startKubectl } from './testing/kubectl.ts'

const testTimeoutMs = 120_000

let kubectl: Kubectl
beforeAll(async () => {
  kubectl = await startKubectl()
})
afterAll(() => kubectl.stop())

const run: Kubectl['run'] = (line, input) => kubectl.run(line, input)
const attempt: Kubectl['attempt'] = (args, input) => kubectl.attempt(args, input)
const available = (name: string) => kubectl.available(name)

describe.skipIf(!kubectlIsThere)('kubectl', { timeout: testTimeoutMs }, () => {
  test('apply --server-side, diff, get and describe', async () => {
    const file = join(kubectl.dir, 'web.json')
    writeFileSync(file, deployment('web', 2))
    expect(await run(`apply --server-side -f ${file}`)).toContain('deployment.apps/web serverside-applied')
    await available('web')
    expect(await run('get deployments')).toMatch(/NAME\s+READY\s+UP-TO-DATE\s+AVAILABLE\s+AGE\nweb\s+2\/2\s+2\s+2/)
    expect(await run('get deployments -o wide')).toMatch(/CONTAINERS\s+IMAGES\s+SELECTOR[\s\S]*busybox:1\.35\s+app=web/)
    expect(await run('get deployment web -o yaml')).toContain('kind: Deployment')
    expect(await run('get pods -l app=web -o jsonpath={.items[*].status.phase}')).toBe('Running Running')
    const described = await run('describe deployment web')
    expect(described).toMatch(/Replicas:\s+2 desired \| 2 updated \| 2 total \| 2 available \| 0 unavailable/)
    expect(described).toContain('ScalingReplicaSet')
    expect(await run('describe pods -l app=web')).toMatch(/Status:\s+Running/)
    writeFileSync(file, deployment('web', 3))
    const diff = await attempt(['diff', '--server-side', '-f', file])
    expect(diff.code, diff.stderr).toBe(1)
    expect(diff.stdout).toMatch(/-\s+replicas: 2\n\+\s+replicas: 3/)
  })

  test('get -w shows changes as they come', async () => {
    await run(
      'apply -f -',
      JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'watched' }, data: { a: 'MQ==' } }),
    )
    const { child, shown } = kubectl.start(['get', 'secret', 'watched', '-w'])
    try {
      await eventually(async () => /watched\s+Opaque\s+1/.test(shown()))
      const data = JSON.stringify({ data: { b: 'Mg==' } })
      expect((await attempt(['patch', 'secret', 'watched', '-p', data])).code).toBe(0)
      await eventually(async () => /watched\s+Opaque\s+2/.test(shown()))
    } finally {
      child.kill()
    }
    expect(await run('delete secret watched')).toContain('deleted')
  })

  test('logs and logs -f', async () => {
    await run('apply -f -', deployment('talker', 1))
    await available('talker')
    expect(await run('logs deployment/talker')).toBe('started\n')
    const { child, shown } = kubectl.start(['logs', '-f', 'deployment/talker'])
    await eventually(async () => shown() === 'started\n')
    child.kill()
  })

  test('scale, set image, rollout status, history, undo and restart', async () => {
    await run('apply -f -', deployment('rolled', 1))
    await run('rollout status deployment/rolled --timeout=60s')
    await run('scale deployment/rolled --replicas=2')
    await run('rollout status deployment/rolled --timeout=60s')
    await run('set image deployment/rolled app=busybox:1.36')
    await run('rollout status deployment/rolled --timeout=60s')
    expect(await run('get deployment rolled -o jsonpath={..image}')).toBe('busybox:1.36')
    expect(await run('rollout history deployment/rolled')).toMatch(/1\s+<none>\n2\s+<none>/)
    await run('rollout undo deployment/rolled')
    await run('rollout status deployment/rolled --timeout=60s')
    expect(await run('get deployment rolled -o jsonpath={..image}')).toBe('busybox:1.35')
    await run('rollout restart deployment/rolled')
    expect(await run('rollout status deployment/rolled --timeout=60s')).toContain('successfully rolled out')
    await run('delete deployment rolled')
  })

  test('label, annotate, patch, run and delete', async () => {
    const objects = [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'made' } },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'made' }, data: { a: 'b' } },
    ]
    for (const object of objects) await run('apply -f -', JSON.stringify(object))
    await run('label configmap c -n made tier=front')
    await run('annotate configmap c -n made why=test')
    expect(await run('get configmap -n made -l tier=front -o name')).toBe('configmap/c\n')
    expect(await run('get configmap c -n made -o jsonpath={.metadata.annotations.why}')).toBe('test')
    await run('patch configmap c -n made --type=json -p [{"op":"replace","path":"/data/a","value":"z"}]')
    expect(await run('get configmap c -n made -o jsonpath={.data.a}')).toBe('z')
    await run('run once -n made --image=busybox:1.35 --restart=Never -- sh -c true')
    await eventually(
      async () => (await run('get pod once -n made -o jsonpath={.status.phase}')) === 'Succeeded',
      60_000,
    )
    expect(await run('get all -n made')).toContain('pod/once')
    expect(await run('delete namespace made --timeout=60s')).toContain('deleted')
    const gone = await attempt(['get', 'namespace', 'made'])
    expect(gone.stderr).toContain('Error from server (NotFound): namespaces "made" not found')
  })

  test('top', async () => {
    await eventually(async () => (await attempt(['top', 'pods'])).code === 0, 60_000)
    await eventually(async () => (await run('top pods')) !== '', 60_000)
    expect(await run('top pods')).toMatch(/NAME\s+CPU\(cores\)\s+MEMORY\(bytes\)/)
    expect(await run('top nodes')).toMatch(/CPU\(?%/)
  })
})

test.runIf(kubectlIsThere)('names its own version', async () => {
  const shown: unknown = JSON.parse(await run('version -o json'))
  expect(Reflect.get(Object(shown), 'serverVersion')).toMatchObject({ gitVersion: expect.stringMatching(/^v1\.\d+/) })
})
