import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from './testing/api.ts'
import { deployment, type Kubectl, kubectlIsThere, startKubectl } from './testing/kubectl.ts'

const hasTerminal = process.platform === 'linux' && existsSync('/usr/bin/script')

/** What goes over one connection in both directions: SPDY with kubectl before 1.31, web sockets since. */
describe.skipIf(!kubectlIsThere)('kubectl', { timeout: 120_000 }, () => {
  let kubectl: Kubectl
  beforeAll(async () => {
    kubectl = await startKubectl()
    await kubectl.run('apply -f -', deployment('worker', 1))
    await kubectl.available('worker')
  })
  afterAll(() => kubectl.stop())

  const exec = (flags: string[], command: string[], input?: string) =>
    kubectl.attempt(['exec', ...flags, 'deployment/worker', '--', ...command], input)

  test('exec: output, errors and the exit code', async () => {
    const done = await exec([], ['sh', '-c', 'echo out; echo err >&2; exit 3'])
    expect(done.stdout).toBe('out\n')
    expect(done.stderr).toContain('err\n')
    expect(done.code).toBe(3)
    expect(await exec(['-i'], ['cat'], 'through stdin')).toMatchObject({ code: 0, stdout: 'through stdin' })
    expect(await exec([], ['/no/such/program'])).toMatchObject({ code: 127 })
    const elsewhere = await kubectl.attempt(['exec', 'nobody', '--', 'true'])
    expect(elsewhere).toMatchObject({ code: 1, stderr: 'Error from server (NotFound): pods "nobody" not found\n' })
  })

  test('exec: megabytes in both directions, whole', async () => {
    const many = 'x'.repeat(3_000_000)
    const there = await exec(['-i'], ['sh', '-c', 'wc -c'], many)
    expect(there.stdout.trim()).toBe('3000000')
    const back = await exec([], ['sh', '-c', 'head -c 3000000 /dev/zero | tr "\\0" y'])
    expect(back.stdout).toBe('y'.repeat(3_000_000))
  })

  test.runIf(hasTerminal)('exec -it: a terminal of the size of ours', async () => {
    const { code, stdout } = await kubectl.inTerminal(
      ['exec', '-it', 'deployment/worker', '--', 'sh'],
      { rows: 33, columns: 99 },
      // The size comes a moment after the prompt.
      (shown) => [
        ...(/[#$] $/.test(shown)
          ? ['until [ "$(stty size)" = "33 99" ]; do sleep 0.1; done; echo is $(stty size) $TERM']
          : []),
        ...(shown.includes('is 33 99 xterm') ? ['exit 4'] : []),
      ],
    )
    expect(stdout).toContain('is 33 99 xterm')
    expect(code).toBe(4)
  })

  test('run -i: what comes in is the input of the pod, to its end', async () => {
    const flags = ['--image=busybox:1.35', '--restart=Never', '--rm', '-i', '--quiet']
    const lines = Array.from({ length: 20_000 }, (_, number) => `line ${number}`).join('\n')
    const done = await kubectl.attempt(
      ['run', 'counts', ...flags, '--', 'sh', '-c', 'wc -l; echo no more'],
      `${lines}\n`,
    )
    expect(done.stdout).toMatch(/^\s*20000\s+no more\s/)
    expect(done.code).toBe(0)
  })

  test('attach -i: one after the other, to a pod whose input stays open', async () => {
    const container = { name: 'app', image: 'busybox:1.35', command: ['cat'], stdin: true }
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'echoes' }, spec: { containers: [container] } }
    await kubectl.run('apply -f -', JSON.stringify(pod))
    await kubectl.run('wait --for=condition=Ready pod/echoes --timeout=60s')
    for (const word of ['first', 'second']) {
      const { child, shown } = kubectl.start(['attach', '-i', 'echoes'])
      // What was said before it had joined is not repeated: it is said until it is heard.
      await eventually(async () => {
        child.stdin?.write(`${word}\n`)
        return shown().includes(`${word}\n`)
      })
      child.kill()
    }
    expect(await kubectl.run('logs echoes')).toContain('first\nsecond\n')
    await kubectl.run('delete pod echoes --now')
  })

  test.runIf(hasTerminal)('run -it: a shell in a pod of its own, that goes with it', async () => {
    const { code, stdout } = await kubectl.inTerminal(
      ['run', 'shell', '-it', '--rm', '--restart=Never', '--image=busybox:1.35', '--', 'sh'],
      { rows: 31, columns: 97 },
      (shown) => [
        // The prompt may have come before kubectl had joined: Enter brings another.
        '',
        ...(/[#$] $/.test(shown)
          ? ['until [ "$(stty size)" = "31 97" ]; do sleep 0.1; done; echo is $(stty size) $TERM']
          : []),
        ...(shown.includes('is 31 97 xterm') ? ['exit 5'] : []),
      ],
    )
    expect(stdout).toContain('is 31 97 xterm')
    expect(stdout).toContain('pod "shell" deleted')
    expect(code).toBe(5)
  })

  test('cp, there and back', async () => {
    const name = (await kubectl.run('get pods -l app=worker -o jsonpath={.items[0].metadata.name}')).trim()
    const [from, to] = [join(kubectl.dir, 'from'), join(kubectl.dir, 'to')]
    writeFileSync(from, 'carried\n')
    await kubectl.run(`cp ${from} ${name}:/tmp/slipway-carried-${process.pid}`)
    await kubectl.run(`cp ${name}:/tmp/slipway-carried-${process.pid} ${to}`)
    expect(readFileSync(to, 'utf8')).toBe('carried\n')
    await exec([], ['rm', `/tmp/slipway-carried-${process.pid}`])
  })

  test('port-forward: several requests, and a port where nobody listens', async () => {
    const listens = `require('node:http').createServer((q, r) => r.end('came through')).listen(8080, '127.0.0.1')`
    const containers = [
      { name: 'app', image: 'node:24', command: ['node', '-e', listens], ports: [{ containerPort: 8080 }] },
    ]
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'listens' }, spec: { containers } }
    await kubectl.run('apply -f -', JSON.stringify(pod))
    await kubectl.run('wait --for=condition=Ready pod/listens --timeout=60s')
    const { child, shown } = kubectl.start(['port-forward', 'pod/listens', ':8080'])
    try {
      await eventually(async () => /127\.0\.0\.1:\d+ -> 8080/.test(shown()))
      const port = /127\.0\.0\.1:(\d+) -> 8080/.exec(shown())?.[1]
      await eventually(async () => (await fetch(`http://127.0.0.1:${port}`).catch(() => null))?.status === 200, 20_000)
      for (let time = 0; time < 5; time += 1) {
        const answer = await fetch(`http://127.0.0.1:${port}`, { headers: { connection: 'close' } })
        expect(await answer.text()).toBe('came through')
      }
    } finally {
      child.kill()
    }
  })
})
