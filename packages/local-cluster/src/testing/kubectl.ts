import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { startLocalCluster } from '../cluster.ts'

/** Any kubectl; `SLIPWAY_KUBECTL` names another than the one on the PATH. */
const program = process.env.SLIPWAY_KUBECTL ?? 'kubectl'
const client = spawnSync(program, ['version', '--client', '-o', 'json'], { encoding: 'utf8' })
export const kubectlIsThere = client.status === 0
/** 20 is kubectl 1.20; 0 where there is none. */
export const kubectlMinor = Number(/"minor": *"(\d+)/.exec(client.stdout ?? '')?.[1] ?? 0)

export interface Outcome {
  code: number
  stdout: string
  stderr: string
}

/** A cluster and the kubectl that looks at it. */
export interface Kubectl {
  /** A directory for files. */
  dir: string
  /** Runs kubectl to its end, whatever it is. */
  attempt(args: string[], input?: string, variables?: Record<string, string>): Promise<Outcome>
  /** Runs kubectl with words without spaces and expects it to succeed; its output. */
  run(line: string, input?: string): Promise<string>
  /** Starts kubectl and collects what it shows. */
  start(args: string[]): { child: ChildProcess; shown: () => string }
  /** Runs kubectl in a terminal of so many rows and columns, in which the lines are typed; everything that it shows. */
  inTerminal(
    args: string[],
    size: { rows: number; columns: number },
    type: (line: string) => string[],
  ): Promise<Outcome>
  available(deployment: string): Promise<string>
  stop(): Promise<void>
}

export async function startKubectl(): Promise<Kubectl> {
  const dir = mkdtempSync(join(tmpdir(), 'slipway-kubectl-'))
  const cluster = await startLocalCluster({ stateDir: join(dir, 'cluster'), apiPort: 0, ingressPort: 0 })
  const env = { ...process.env, HOME: dir, KUBECONFIG: cluster.kubeconfigPath }

  const attempt: Kubectl['attempt'] = (args, input, variables) =>
    outcomeOf(spawn(program, args, { env: { ...env, ...variables } }), input)
  const run = async (line: string, input?: string) => {
    const { code, stdout, stderr } = await attempt(line.split(' '), input)
    expect(code, `kubectl ${line}: ${stderr}`).toBe(0)
    return stdout
  }
  return {
    dir,
    attempt,
    run,
    start(args) {
      const child = spawn(program, args, { env })
      let shown = ''
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          shown += chunk.toString()
        })
      }
      return { child, shown: () => shown }
    },
    inTerminal(args, { rows, columns }, type) {
      const line = `stty rows ${rows} cols ${columns}; exec ${program} ${args.join(' ')}`
      const child = spawn('script', ['-q', '-e', '-c', line, '/dev/null'], { env: { ...env, SHELL: '/bin/sh' } })
      const typed = new Set<string>()
      let shown = ''
      child.stdout.on('data', (chunk: Buffer) => {
        shown += chunk.toString()
        for (const next of type(shown)) {
          if (!typed.has(next)) child.stdin.write(`${next}\n`)
          typed.add(next)
        }
      })
      return outcomeOf(child)
    },
    available: (name) => run(`wait --for=condition=Available deployment/${name} --timeout=60s`),
    async stop() {
      await cluster.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function outcomeOf(child: ChildProcess, input?: string): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout?.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr?.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('error', reject)
    child.on('close', (code) =>
      resolve({ code: code ?? -1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    )
    if (input !== undefined) child.stdin?.end(input)
  })
}

const script = 'echo started; trap "exit 0" TERM; while true; do sleep 0.1; done'

/** A Deployment that does nothing, in JSON. */
export function deployment(name: string, replicas: number, image = 'busybox:1.35'): string {
  const labels = { app: name }
  const containers = [{ name: 'app', image, command: ['sh', '-c', script] }]
  const template = { metadata: { labels }, spec: { containers, terminationGracePeriodSeconds: 2 } }
  const spec = { replicas, selector: { matchLabels: labels }, template }
  return JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec })
}
