import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Pod } from '../types/pod.ts'
import { mappedPorts } from '../types/pod-ports.ts'
import { listProcesses } from './process/proc.ts'
import {
  createPod,
  deletePod,
  getPod,
  readPodLog,
  shell,
  startTestCluster,
  type TestCluster,
  until,
  untilPod,
} from './testing/cluster.ts'

let dir: string
let cluster: TestCluster | null = null
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'slipway-crash-'))
})
afterEach(async () => {
  await cluster?.stop()
  cluster = null
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
})

/** Starts the cluster of `dir` in this process, on the same directory as the one before. */
async function start(): Promise<TestCluster> {
  cluster = await startTestCluster({ dir })
  return cluster
}

/** Starts it as a process of its own. */
async function startProcess(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'testing/cluster-process.ts'), dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve())
    child.once('exit', (code) => reject(new Error(`the cluster ended with ${code}`)))
  })
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

const shimPids = (pod: Pod) => {
  const containers = join(dir, 'node', 'pods', pod.metadata.uid ?? '', 'containers')
  return readdirSync(containers).flatMap((name) =>
    readdirSync(join(containers, name)).map((attempt) =>
      Number(readFileSync(join(containers, name, attempt, 'pid'), 'utf8').split('\n')[0]),
    ),
  )
}

function answer(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, agent: false }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve(text))
    }).on('error', reject)
  })
}

const COUNTER = 'i=0; while :; do i=$((i+1)); echo "line $i"; sleep 0.02; done'
const SERVER = `
let count = 0
require('node:http').createServer((request, response) => response.end(String(++count))).listen(process.env.PORT)
`

/** A first life of the cluster that creates pods and is then left, its processes going on. */
async function firstLife(create: (first: TestCluster) => Promise<void>): Promise<void> {
  const first = await startTestCluster({ dir })
  await create(first)
  await first.stop({ stopPods: false })
}

test('apps go on when the cluster is killed, and are adopted: same processes, no restart, no log line lost', async () => {
  const startOf = (pod: Pod) => pod.status?.containerStatuses?.[0]?.state.running?.startedAt
  const starts: Record<string, string | undefined> = {}
  await firstLife(async (first) => {
    await createPod(first, 'counter', { terminationGracePeriodSeconds: 1, containers: [shell('app', COUNTER)] })
    await createPod(first, 'server', {
      containers: [
        {
          name: 'app',
          image: 'host',
          command: ['node', '-e', SERVER],
          ports: [{ name: 'http', containerPort: 8080 }],
          readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
        },
      ],
    })
    const running = await untilPod(first, 'counter', 'runs', (pod) => pod.status?.phase === 'Running')
    const ready = await untilPod(
      first,
      'server',
      'is ready',
      (pod) => pod.status?.containerStatuses?.[0]?.ready === true,
    )
    for (const pod of [running, ready]) starts[pod.metadata.name] = startOf(pod)
  })

  // Two lives that are killed in mid-work.
  for (let life = 0; life < 2; life += 1) {
    const child = await startProcess()
    await new Promise((resolve) => setTimeout(resolve, 300))
    await kill(child)
  }

  const last = await start()
  const counter = await untilPod(last, 'counter', 'runs', (pod) => pod.status?.phase === 'Running')
  const server = await untilPod(last, 'server', 'is ready', (pod) => pod.status?.containerStatuses?.[0]?.ready === true)
  expect(last.node.stats()).toMatchObject({ adoptedContainers: 2, startedContainers: 0 })
  for (const pod of [counter, server]) {
    expect(pod.status?.containerStatuses?.[0]).toMatchObject({ restartCount: 0, lastState: {} })
    expect(shimPids(pod)).toHaveLength(1)
    expect(startOf(pod)).toBe(starts[pod.metadata.name])
  }
  // The same process: it has been counting all the time.
  const port = mappedPorts(server)['8080'] ?? 0
  expect(Number(await answer(port))).toBeGreaterThan(1)
  const before = (await readPodLog(last, counter)).split('\n').length
  await until('the log goes on', async () => (await readPodLog(last, counter)).split('\n').length > before + 20)
  const lines = (await readPodLog(last, counter)).trimEnd().split('\n')
  // A line that was in the pipe while nobody read is there; one that was being taken when the kill came may be missing.
  const numbers = lines.map((line) => Number(line.replace('line ', '')))
  expect(numbers[0]).toBe(1)
  const missing = (numbers.at(-1) ?? 0) - numbers.length
  expect(missing).toBeLessThanOrEqual(2)
  expect([...numbers].sort((a, b) => a - b)).toEqual(numbers)
})

test('what happened while the cluster was away is found out', async () => {
  const file = join(dir, 'go')
  await firstLife(async (first) => {
    const wait = `while [ ! -e ${file} ]; do sleep 0.02; done`
    await createPod(first, 'crashes', { containers: [shell('app', `echo begin; ${wait}; echo ended; exit 5`)] })
    await createPod(first, 'done', {
      restartPolicy: 'Never',
      containers: [shell('app', `${wait}; echo result; printf said > "$TERMINATION_LOG"`)],
    })
    await createPod(first, 'deleted', { terminationGracePeriodSeconds: 1, containers: [shell('app', 'sleep 1000')] })
    for (const name of ['crashes', 'done', 'deleted']) {
      await untilPod(first, name, 'runs', (pod) => pod.status?.phase === 'Running')
    }
    await first.node.stop({ stopPods: false })
    await deletePod(first, 'deleted')
  })
  const { writeFileSync } = await import('node:fs')
  writeFileSync(file, '')

  const last = await start()
  const done = await untilPod(last, 'done', 'has succeeded', (pod) => pod.status?.phase === 'Succeeded')
  expect(done.status?.containerStatuses?.[0]?.state.terminated).toMatchObject({ exitCode: 0, message: 'said' })
  expect(await readPodLog(last, done)).toBe('result\n')
  const crashed = await untilPod(
    last,
    'crashes',
    'was started again',
    (pod) => (pod.status?.containerStatuses?.[0]?.restartCount ?? 0) > 0,
  )
  expect(crashed.status?.containerStatuses?.[0]?.lastState.terminated).toMatchObject({ exitCode: 5 })
  expect(await readPodLog(last, crashed, { previous: true })).toBe('begin\nended\n')
  await until('the deleted pod is gone', async () => (await getPod(last, 'deleted')) === null)
})

test('a planned stop ends the processes, the objects stay, and the next start begins them again', async () => {
  const first = await startTestCluster({ dir })
  await createPod(first, 'web', {
    terminationGracePeriodSeconds: 60,
    containers: [
      shell('app', 'trap "exit 0" TERM; echo up; sleep 1000 & wait', {
        lifecycle: { preStop: { sleep: { seconds: 50 } } },
      }),
    ],
  })
  const pod = await untilPod(first, 'web', 'runs', (each) => each.status?.phase === 'Running')
  await until('it is up', async () => (await readPodLog(first, pod)) === 'up\n')
  const [pid = 0] = shimPids(pod)
  const begun = Date.now()
  await first.stop({ stopPods: true })
  // Nobody sends requests any more, so nobody waits for the pause of preStop.
  expect(Date.now() - begun).toBeLessThan(40_000)
  // The shim that leads the session is gone as well; what only waits to be reaped is not listed.
  expect((await listProcesses()).filter((each) => each.session === pid)).toEqual([])
  const second = await start()
  const again = await untilPod(
    second,
    'web',
    'runs again',
    (each) => each.status?.containerStatuses?.[0]?.state.running !== undefined,
  )
  expect(again.metadata.uid).toBe(pod.metadata.uid)
  expect(again.status?.containerStatuses?.[0]).toMatchObject({ restartCount: 1, ready: true })
})
