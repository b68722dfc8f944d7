import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { adoptProcess } from './adopt.ts'
import type { ContainerProcess } from './container-process.ts'
import { startProcess } from './start.ts'

let dir: string
const processes: ContainerProcess[] = []
const env = { PATH: process.env.PATH ?? '/usr/bin:/bin' } as NodeJS.ProcessEnv & { PATH: string }

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-process-'))
})
afterEach(async () => {
  for (const each of processes.splice(0)) await each.kill()
  await rm(dir, { recursive: true, force: true })
})

async function until(what: string, check: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`timed out waiting until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function start(script: string) {
  return run('/bin/sh', ['-c', script])
}

async function run(program: string, args: string[], more: Record<string, string> = {}) {
  const out = { stdout: '', stderr: '' }
  const container = await startProcess({
    dir,
    program,
    args,
    env: { PATH: env.PATH, ...more },
    workingDir: join(dir, 'work'),
    output: (stream, chunk) => {
      out[stream] += chunk.toString()
    },
  })
  processes.push(container)
  return { container, out }
}

test('both streams are read to the end and the exit code is recorded', async () => {
  const { container, out } = await start(
    'i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; echo oops >&2; exit 3',
  )
  const exit = await container.exited
  expect(exit).toMatchObject({ exitCode: 3, seen: true })
  expect(out.stdout.split('\n')).toHaveLength(20_001)
  expect(out.stderr).toBe('oops\n')
  expect(await readFile(join(dir, 'exit'), 'utf8')).toBe('3\n')
})

test('the program sees its own environment and nothing else, odd names included', async () => {
  const { container, out } = await run('/usr/bin/env', [], { 'my.dotted-name': 'x y', PLAIN: '1' })
  await container.exited
  const names = out.stdout.split('\n').map((line) => line.split('=')[0])
  expect(out.stdout).toContain('my.dotted-name=x y\n')
  expect(names.filter((name) => name !== '' && !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name ?? '')).sort()).toEqual(
    ['PATH', 'PLAIN', 'my.dotted-name'].sort(),
  )
})

test('SIGTERM reaches the whole group with its default meaning', async () => {
  const { container, out } = await start('trap "echo bye; exit 0" TERM; sleep 1000 & echo up; wait')
  await until('it is up', () => out.stdout.includes('up'))
  expect(container.signal('SIGTERM')).toBe(true)
  expect((await container.exited).exitCode).toBe(0)
  expect(out.stdout).toBe('up\nbye\n')
  expect(await container.members()).toEqual([])
})

test('kill ends a group that ignores SIGTERM, and its exit is 137', async () => {
  const { container, out } = await start("trap '' TERM; echo up; while :; do sleep 1; done")
  await until('it is up', () => out.stdout.includes('up'))
  container.signal('SIGTERM')
  await container.kill()
  expect((await container.exited).exitCode).toBe(137)
})

test('what heeds no SIGTERM is killed at once, what does is asked', async () => {
  const deaf = await start('sleep 1000')
  await deaf.container.begun()
  await deaf.container.terminate()
  expect(await deaf.container.exited).toMatchObject({ exitCode: 137 })
  await rm(dir, { recursive: true, force: true })
  const asked = await start('trap "exit 7" TERM; echo set; while :; do sleep 0.05; done')
  await until('its handler is set', () => asked.out.stdout.includes('set'))
  await asked.container.terminate()
  expect(await asked.container.exited).toMatchObject({ exitCode: 7 })
})

test('a program that is ended at once has begun, and hears of it', async () => {
  for (let time = 0; time < 10; time += 1) {
    const killed = await start('sleep 1000')
    await killed.container.kill()
    expect(await killed.container.exited).toMatchObject({ exitCode: 137 })
    await rm(dir, { recursive: true, force: true })
    const asked = await start('sleep 1000')
    await asked.container.begun()
    asked.container.signal('SIGTERM')
    expect(await asked.container.exited).toMatchObject({ exitCode: 143 })
    await rm(dir, { recursive: true, force: true })
  }
})

test('what the program left running ends with it', async () => {
  const { container } = await start('sleep 1000 & exit 0')
  await container.exited
  expect(await container.members()).toEqual([])
})

test('a container outlives the process that started it, and the next reads on', async () => {
  const script = join(import.meta.dirname, 'test-starter.ts')
  const starter = spawn(process.execPath, [script, dir], { stdio: ['ignore', 'pipe', 'inherit'], env })
  let seen = ''
  starter.stdout.on('data', (chunk: Buffer) => {
    seen += chunk.toString()
  })
  await until('three lines came', () => seen.split('\n').length > 3)
  starter.kill('SIGKILL')
  await new Promise((resolve) => starter.once('close', resolve))
  const before = seen.trim().split('\n').map(Number)

  let text = ''
  const adopted = await adoptProcess(dir, (_stream, chunk) => {
    text += chunk.toString()
  })
  if (adopted.state !== 'running') throw new Error(`expected a running container, found it ${adopted.state}`)
  processes.push(adopted.process)
  await until('five more lines came', () => text.split('\n').length > 5)
  const after = text.trim().split('\n').map(Number)
  expect(after[0]).toBe((before.at(-1) ?? 0) + 1)

  adopted.process.signal('SIGTERM')
  expect((await adopted.process.exited).exitCode).toBe(143)
  await until('its shim is gone', async () => (await adoptProcess(dir, () => undefined)).state === 'exited')
  expect(await adoptProcess(dir, () => undefined)).toMatchObject({ state: 'exited', exit: { exitCode: 143 } })
})

test('output and exit of a program that ended while nobody watched are kept', async () => {
  const { container } = await start('sleep 0.3; echo last words; exit 9')
  container.release()
  await until('it has ended', async () => (await container.members()).length === 0)
  let text = ''
  const adopted = await adoptProcess(dir, (_stream, chunk) => {
    text += chunk.toString()
  })
  if (adopted.state !== 'running') throw new Error(`expected its shim to wait, found it ${adopted.state}`)
  expect(await adopted.process.exited).toMatchObject({ exitCode: 9 })
  expect(text).toBe('last words\n')
})

test('a shim killed with its container is found out', async () => {
  const { container, out } = await start('echo up; exec sleep 1000')
  await until('it is up', () => out.stdout.includes('up'))
  container.signal('SIGKILL')
  expect((await container.exited).exitCode).toBe(137)
  expect(await adoptProcess(dir, () => undefined)).toMatchObject({
    state: 'exited',
    exit: { exitCode: 255, seen: false },
  })
})
