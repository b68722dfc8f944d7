import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LocalCluster, startLocalCluster } from './cluster.ts'
import { eventually } from './testing/api.ts'

/** Any kubectl; `SLIPWAY_KUBECTL` names another than the one on the PATH. */
const kubectl = process.env.SLIPWAY_KUBECTL ?? 'kubectl'
const client = spawnSync(kubectl, ['version', '--client', '-o', 'json'], { encoding: 'utf8' })
const isThere = client.status === 0
/** Exec speaks WebSocket here; kubectl before 1.31 speaks SPDY, which browsers and client libraries have left behind. */
const speaksWebSocket = isThere && minorOf(client.stdout) >= 31
const testTimeoutMs = 120_000

function minorOf(version: string): number {
  return Number(/"gitVersion": "v1\.(\d+)/.exec(version)?.[1] ?? 0)
}

let dir: string
let cluster: LocalCluster

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'slipway-kubectl-'))
  cluster = await startLocalCluster({ stateDir: dir, apiPort: 0, ingressPort: 0 })
})
afterAll(async () => {
  await cluster.stop()
  rmSync(dir, { recursive: true, force: true })
})

const environment = () => ({ ...process.env, HOME: dir, KUBECONFIG: cluster.kubeconfigPath })

interface Outcome {
  code: number
  stdout: string
  stderr: string
}

/** Runs kubectl to its end, whatever it is. */
function attempt(args: string[], input?: string): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(kubectl, args, { env: environment() })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('error', reject)
    child.on('close', (code) =>
      resolve({ code: code ?? -1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    )
    child.stdin.end(input)
  })
}

/** Runs kubectl and expects it to succeed; its output. */
async function run(line: string, input?: string): Promise<string> {
  const { code, stdout, stderr } = await attempt(line.split(' '), input)
  expect(code, `kubectl ${line}: ${stderr}`).toBe(0)
  return stdout
}

const script = 'echo started; trap "exit 0" TERM; while true; do sleep 0.1; done'

function deployment(name: string, replicas: number, image = 'busybox:1.35'): string {
  const labels = { app: name }
  const containers = [{ name: 'app', image, command: ['sh', '-c', script] }]
  const template = { metadata: { labels }, spec: { containers, terminationGracePeriodSeconds: 2 } }
  const spec = { replicas, selector: { matchLabels: labels }, template }
  return JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec })
}

const available = (name: string) => run(`wait --for=condition=Available deployment/${name} --timeout=60s`)

describe.skipIf(!isThere)('kubectl', { timeout: testTimeoutMs }, () => {
  test('apply --server-side, diff, get and describe', async () => {
    const file = join(dir, 'web.json')
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
    const child = spawn(kubectl, ['get', 'configmap', 'watched', '-w'], { env: environment() })
    let shown = ''
    child.stdout.on('data', (chunk: Buffer) => {
      shown += chunk.toString()
    })
    try {
      await eventually(async () => /watched\s+1/.test(shown))
      const data = JSON.stringify({ data: { b: '2' } })
      expect((await attempt(['patch', 'configmap', 'watched', '-p', data])).code).toBe(0)
      await eventually(async () => /watched\s+2/.test(shown))
    } finally {
      child.kill()
    }
    expect(await run('delete configmap watched')).toContain('deleted')
  })

  test('logs and logs -f', async () => {
    await run('apply -f -', deployment('talker', 1))
    await available('talker')
    expect(await run('logs deployment/talker')).toBe('started\n')
    const child = spawn(kubectl, ['logs', '-f', 'deployment/talker'], { env: environment() })
    let shown = ''
    child.stdout.on('data', (chunk: Buffer) => {
      shown += chunk.toString()
    })
    await eventually(async () => shown === 'started\n')
    child.kill()
  })

  test.runIf(speaksWebSocket)('exec', async () => {
    await run('apply -f -', deployment('worker', 1))
    await available('worker')
    const done = await attempt(['exec', 'deployment/worker', '--', 'sh', '-c', 'echo out; echo err >&2; exit 3'])
    expect(done.stdout).toBe('out\n')
    expect(done.stderr).toContain('err\n')
    expect(done.code).toBe(3)
    const typed = await attempt(['exec', '-i', 'deployment/worker', '--', 'cat'], 'through stdin')
    expect(typed).toMatchObject({ code: 0, stdout: 'through stdin' })
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

  test('top', async () => {
    await eventually(async () => (await attempt(['top', 'pods'])).code === 0, 60_000)
    await eventually(async () => (await run('top pods')) !== '', 60_000)
    expect(await run('top pods')).toMatch(/NAME\s+CPU\(cores\)\s+MEMORY\(bytes\)/)
    expect(await run('top nodes')).toMatch(/CPU\(?%/)
  })
})

test.runIf(isThere)('names its own version', async () => {
  const shown: unknown = JSON.parse(await run('version -o json'))
  expect(Reflect.get(Object(shown), 'serverVersion')).toMatchObject({ gitVersion: expect.stringMatching(/^v1\.\d+/) })
})
