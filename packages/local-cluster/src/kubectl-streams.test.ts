import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deployment, type Kubectl, kubectlIsThere, kubectlMinor, startKubectl } from './testing/kubectl.ts'

const hasTerminal = process.platform === 'linux' && existsSync('/usr/bin/script')

/** What goes over one connection in both directions: web sockets, which kubectl has since 1.31. */
describe.skipIf(!kubectlIsThere || kubectlMinor < 31)('kubectl', { timeout: 120_000 }, () => {
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

  test('cp, there and back', async () => {
    const name = (await kubectl.run('get pods -l app=worker -o jsonpath={.items[0].metadata.name}')).trim()
    const [from, to] = [join(kubectl.dir, 'from'), join(kubectl.dir, 'to')]
    writeFileSync(from, 'carried\n')
    await kubectl.run(`cp ${from} ${name}:/tmp/slipway-carried-${process.pid}`)
    await kubectl.run(`cp ${name}:/tmp/slipway-carried-${process.pid} ${to}`)
    expect(readFileSync(to, 'utf8')).toBe('carried\n')
    await exec([], ['rm', `/tmp/slipway-carried-${process.pid}`])
  })
})
