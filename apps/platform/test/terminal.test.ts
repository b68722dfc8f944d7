import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startTestPlatform, type TestPlatform } from '../src/testing/start.ts'
import { waitFor } from '../src/testing/wait.ts'
import { GREETER } from './apps.ts'
import { deployApp } from './deploy-app.ts'
import { openTerminal, type TerminalTarget } from './terminal-client.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let platform: TestPlatform
const app = 'tools'
beforeAll(async () => {
  platform = await startTestPlatform({ childProcess: true })
  await deployApp(platform, app, GREETER)
})
afterAll(() => platform?.stop())

const ref = () => ({ ...platform.environment, app })
const view = () => platform.api().app.get.query(ref())
const start = (command: string[], mode: 'input' | 'terminal' = 'terminal') =>
  platform.api().run.start.mutate({ ...ref(), command, mode })
const open = (target: TerminalTarget, size?: { columns: number; rows: number }, token = platform.account.token) =>
  openTerminal(platform, token, ref(), target, size)
const audited = async () =>
  (await platform.api().audit.list.query({ team: 'acme', limit: 20 })).items.map(({ summary }) => summary)

/** A second account of the team. */
async function developer(email: string): Promise<string> {
  const { path } = await platform.api().invitation.create.mutate({ team: 'acme', email, role: 'developer' })
  const password = 'correct horse battery staple'
  const anyone = platform.api(null)
  await anyone.invitation.accept.mutate({ token: path.replace('/invite/', ''), name: 'Dev', password })
  return (await anyone.session.login.mutate({ email, password, tokenName: 'tests' })).secret
}

test('a command in a terminal: what is typed, its size, its exit code; listed and audited', async () => {
  const run = await start(['sh'])
  const terminal = open({ kind: 'run', run: run.id }, { columns: 91, rows: 37 })
  await terminal.ready()
  // The size arrives a moment after the terminal.
  terminal.type('until [ "$(stty size)" = "37 91" ]; do sleep 0.1; done; echo "sum $((40 + 2)) $TERM"; pwd; ls\n')
  await terminal.shows('sum 42 xterm-256color')
  await terminal.shows('server.js')
  await terminal.api.run.send.mutate({
    ...{ ...ref(), run: run.id, session: terminal.seen.session },
    size: { columns: 40, rows: 12 },
  })
  terminal.type('until [ "$(stty size)" = "12 40" ]; do sleep 0.1; done; echo "resized" to 12\n')
  await terminal.shows('resized to 12')
  const { items } = await platform.api().run.list.query({ ...ref(), limit: 5 })
  expect(items[0]).toMatchObject({ id: run.id, mode: 'terminal', own: true, command: ['sh'], endedAt: null })
  terminal.type('exit 3\n')
  expect(await terminal.ended()).toEqual({ exitCode: 3, failure: null })
  await terminal.close()
  expect(await platform.api().run.get.query({ ...ref(), run: run.id })).toMatchObject({ exitCode: 3, failure: null })
  expect(await audited()).toContain('Ran “sh” with v1 in a terminal.')
  expect((await audited()).join()).not.toContain('sum 42')
})

test('Ctrl-C goes to the program; a command that is over before anybody joins shows what it printed', async () => {
  const sleeper = await start([
    'sh',
    '-c',
    'trap "echo interrupted; exit 7" INT; echo begun; while :; do sleep 0.1; done',
  ])
  const terminal = open({ kind: 'run', run: sleeper.id })
  await terminal.shows('begun')
  terminal.type('\x03')
  expect(await terminal.ended()).toEqual({ exitCode: 7, failure: null })
  expect(terminal.seen.shown).toContain('interrupted')
  await terminal.close()
  const quick = await start(['echo', 'over already'])
  await waitFor('it to end', async () => (await platform.api().run.get.query({ ...ref(), run: quick.id })).endedAt)
  const late = open({ kind: 'run', run: quick.id })
  expect(await late.ended()).toEqual({ exitCode: 0, failure: null })
  expect(late.seen.shown).toContain('over already')
  await late.close()
})

test('a connection that is cut again and again: every line is typed once, and its output shown', async () => {
  const run = await start(['sh', '-c', 'stty -echo; while read -r line; do echo "<$line>"; done'])
  const terminal = open({ kind: 'run', run: run.id })
  await terminal.ready()
  for (let line = 1; line <= 40; line += 1) {
    terminal.type(`line ${line}\n`)
    if (line % 8 === 0) terminal.cut()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await terminal.shows('<line 40>')
  const lines = [...terminal.seen.shown.matchAll(/<line (\d+)>/g)].map(([, number]) => Number(number))
  expect(lines).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
  expect(terminal.seen.lost).toBe(0)
  await platform.api().run.stop.mutate({ ...ref(), run: run.id })
  expect(await terminal.ended()).toMatchObject({ exitCode: null, failure: 'It was stopped.' })
  await terminal.close()
})

test('the platform is killed: the command goes on, the terminal joins it again and shows what was printed lately', async () => {
  const run = await start(['sh', '-c', 'stty -echo; n=0; while read -r line; do n=$((n + 1)); echo "<$n $line>"; done'])
  const terminal = open({ kind: 'run', run: run.id })
  await terminal.ready()
  terminal.type('before\n')
  await terminal.shows('<1 before>')
  const { resets } = terminal.seen
  await platform.kill()
  await platform.start()
  await waitFor('another session', async () => terminal.seen.resets > resets && terminal.seen.ready)
  expect(terminal.seen.shown).toContain('<1 before>')
  terminal.type('after\n')
  await terminal.shows('<2 after>')
  terminal.type('\x04')
  expect(await terminal.ended()).toEqual({ exitCode: 0, failure: null })
  await terminal.close()
})

test('more output than is kept: the newest is shown, and the program waits for nobody who has left', async () => {
  const run = await start(['sh', '-c', 'read -r _; seq 1 200000; echo "all of it"'])
  const terminal = open({ kind: 'run', run: run.id })
  await terminal.ready()
  terminal.type('\n')
  expect(await terminal.ended()).toEqual({ exitCode: 0, failure: null })
  expect(terminal.seen.shown.trimEnd().endsWith('200000\r\nall of it')).toBe(true)
  await terminal.close()
})

test('input that is piped: it arrives whole, ends where it ends, and the output is that of live.run', async () => {
  const run = await start(['sh', '-c', 'wc -c'], 'input')
  const terminal = open({ kind: 'run', run: run.id })
  for (let part = 0; part < 30; part += 1) terminal.type('x'.repeat(10_000))
  terminal.endInput()
  expect(await terminal.ended()).toEqual({ exitCode: 0, failure: null })
  const lines: string[] = []
  await new Promise<void>((resolve, reject) =>
    terminal.api.live.run.subscribe(
      { ...ref(), run: run.id },
      { onData: ({ data }) => lines.push(...data.lines), onComplete: resolve, onError: reject },
    ),
  )
  expect(lines.map((line) => line.trim())).toEqual(['300000'])
  await terminal.close()
})

test('a terminal is its starter’s: others of the team end it, and neither read nor type', async () => {
  const token = await developer('dev@example.com')
  const run = await start(['cat'])
  const own = open({ kind: 'run', run: run.id })
  await own.ready()
  const other = open({ kind: 'run', run: run.id }, undefined, token)
  await expect(other.ended()).rejects.toThrow(/who started it/)
  const input = { writer: randomUUID(), at: 0, data: btoa('id\n') }
  const send = { ...ref(), run: run.id, session: own.seen.session, input }
  await expect(other.api.run.send.mutate(send)).rejects.toThrow('There is no such terminal.')
  expect((await platform.api(token).run.list.query({ ...ref(), limit: 1 })).items[0]).toMatchObject({ own: false })
  await platform.api(token).run.stop.mutate({ ...ref(), run: run.id })
  expect(await own.ended()).toMatchObject({ failure: 'It was stopped.' })
  await Promise.all([own.close(), other.close()])
})

test('rights that go end the terminal in an instance with its command', async () => {
  const token = await developer('gone@example.com')
  const shell = randomUUID()
  const terminal = open({ kind: 'exec', exec: shell, command: ['sh'] }, undefined, token)
  await terminal.ready()
  terminal.type('echo "pid is $$"\n')
  await terminal.shows('pid is ')
  await waitFor('its number', async () => /pid is \d+/.test(terminal.seen.shown))
  const pid = /pid is (\d+)/.exec(terminal.seen.shown)?.[1]
  await platform.api().member.setRole.mutate({ team: 'acme', email: 'gone@example.com', role: 'viewer' })
  await expect(terminal.ended()).rejects.toThrow(/viewer, which does not allow this/)
  const input = { writer: randomUUID(), at: 0, data: btoa('id\n') }
  const send = { ...ref(), exec: shell, session: terminal.seen.session, input }
  await expect(terminal.api.exec.send.mutate(send)).rejects.toThrow(/does not allow this/)
  await terminal.close()
  const look = open({ kind: 'exec', exec: randomUUID(), command: ['sh'] })
  await look.ready()
  look.type(`while kill -0 ${pid}; do sleep 0.1; done 2>/dev/null; echo it is "gone"\n`)
  await look.shows('it is gone')
  look.type('exit\n')
  await look.ended()
  await look.close()
})

test('a command in a running instance: chosen by its name, with the streams and the exit code of the program; audited', async () => {
  const instance = (await view()).instanceList[0]?.name ?? ''
  const script = 'cat; echo "in $PORT" >&2; exit 5'
  const command = ['sh', '-c', script]
  const piped = open({ kind: 'exec', exec: randomUUID(), command, instance, terminal: false })
  piped.type('through')
  piped.endInput()
  expect(await piped.ended()).toEqual({ exitCode: 5, failure: null })
  expect(piped.seen.shown).toBe('through')
  expect(piped.seen.stderr).toMatch(/^in \d+\n$/)
  await piped.close()
  expect(await audited()).toContain(`Ran “sh -c ${script}” in ${instance}.`)
  const nowhere = open({ kind: 'exec', exec: randomUUID(), command, instance: 'no-such-instance' })
  await expect(nowhere.ended()).rejects.toThrow(`Running: ${instance}.`)
  await nowhere.close()
})

test('a terminal in an instance outlives its connection, and is not begun a second time', async () => {
  const terminal = open({ kind: 'exec', exec: randomUUID(), command: ['sh'] })
  await terminal.ready()
  terminal.type('word=kept\n')
  terminal.cut()
  terminal.type('echo "it is $word"\n')
  await terminal.shows('it is kept')
  expect(terminal.seen.lost).toBe(0)
  terminal.type('exit 4\n')
  expect(await terminal.ended()).toEqual({ exitCode: 4, failure: null })
  await terminal.close()
})

test('one account has ten terminals at once', async () => {
  const token = await developer('many@example.com')
  const all = Array.from({ length: 11 }, () =>
    open({ kind: 'exec', exec: randomUUID(), command: ['sh'] }, undefined, token),
  )
  await Promise.all(all.map((each) => each.ready()))
  const refused = all.filter(({ seen }) => !seen.ready)
  expect(refused).toHaveLength(1)
  await expect(refused[0]?.ended()).rejects.toThrow('Too many terminals are open')
  for (const each of all) await each.close()
})
