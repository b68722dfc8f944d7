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
    await run('create configmap watched --from-literal=a=1')
    const { child, shown } = kubectl.start(['get', 'configmap', 'watched', '-w'])
    try {
      await eventually(async () => /watched\s+1/.test(shown()))
      const data = JSON.stringify({ data: { b: '2' } })
      expect((await attempt(['patch', 'configmap', 'watched', '-p', data])).code).toBe(0)
      await eventually(async () => /watched\s+2/.test(shown()))
    } finally {
      child.kill()
    }
    expect(await run('delete configmap watched')).toContain('deleted')
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

  test('label, annotate, patch, create, run and delete', async () => {
    await run('create namespace made')
    await run('create secret generic s --from-literal=a=b -n made')
    await run('create configmap c --from-literal=a=b -n made')
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

  test('create, for each kind that it makes', async () => {
    await run('create namespace kinds')
    const made = async (line: string, name: string) =>
      expect(await run(`create ${line} -n kinds`)).toBe(`${name} created\n`)
    await made('deployment web --image=busybox:1.35 --replicas=2', 'deployment.apps/web')
    await made('job once --image=busybox:1.35 -- true', 'job.batch/once')
    await made('quota few --hard=pods=20,services=5', 'resourcequota/few')
    await made('service clusterip web --tcp=80:8080', 'service/web')
    await made('service nodeport open --tcp=80:8080', 'service/open')
    await made('secret generic kept --from-literal=a=b', 'secret/kept')
    await made('configmap plain --from-literal=a=b', 'configmap/plain')
    await made('serviceaccount robot', 'serviceaccount/robot')
    await made('role reader --verb=get --resource=pods', 'role.rbac.authorization.k8s.io/reader')
    await made('rolebinding reads --role=reader --user=a', 'rolebinding.rbac.authorization.k8s.io/reads')
    await made('ingress front --rule=front.localhost/=web:80', 'ingress.networking.k8s.io/front')
    expect(await run('get deployment web -n kinds -o jsonpath={.spec.replicas}/{..image}')).toBe('2/busybox:1.35')
    expect(await run('get quota few -n kinds -o jsonpath={.spec.hard}')).toBe('{"pods":"20","services":"5"}')
    expect(await run('get service web -n kinds -o jsonpath={.spec.ports[0].port}/{.spec.ports[0].targetPort}')).toBe(
      '80/8080',
    )
    expect(await run('get secret kept -n kinds -o jsonpath={.data.a}')).toBe('Yg==')
    expect(await run('expose deployment web --name=again --port=80 -n kinds')).toBe('service/again exposed\n')
    // kubectl before 1.21 asks for the v1beta1 of these, which Kubernetes has not served since 1.25.
    for (const line of [
      'cronjob often --image=busybox:1.35 --schedule=@hourly',
      'pdb some --selector=app=web --min-available=1',
    ]) {
      const { code, stdout, stderr } = await attempt(['create', ...line.split(' '), '-n', 'kinds'])
      if (code === 0) expect(stdout).toMatch(/^(?:cronjob.batch\/often|poddisruptionbudget.policy\/some) created\n$/)
      else expect(stderr).toMatch(/could not find the requested resource|no matches for kind/)
    }
    await run('delete namespace kinds --timeout=60s')
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
