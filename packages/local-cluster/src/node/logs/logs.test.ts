import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type LogReadOptions, readLog } from './reader.ts'
import { LogWriter } from './writer.ts'

let dir: string
let path: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'slipway-logs-'))
  path = join(dir, '0.log')
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const never = new AbortController().signal
const BIG = { maxBytes: 10 * 1024 * 1024, maxFiles: 5 }

async function text(writer: LogWriter | null, options: Partial<LogReadOptions> = {}): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of readLog(path, writer, { timestamps: false, follow: false, ...options }, never)) {
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

test('entries are CRI lines, whatever the chunks', async () => {
  const writer = new LogWriter(path, BIG)
  for (const part of ['hel', 'lo\nwor', 'ld\n', '\n']) writer.write('stdout', Buffer.from(part))
  writer.write('stderr', Buffer.from('no end'))
  writer.close()
  const entries = readFileSync(path, 'utf8').trimEnd().split('\n')
  expect(entries.map((entry) => entry.replace(/^\S+ /, ''))).toEqual([
    'stdout F hello',
    'stdout F world',
    'stdout F ',
    'stderr P no end',
  ])
  for (const entry of entries) expect(entry).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z /)
  expect(new Set(entries.map((entry) => entry.split(' ')[0])).size).toBe(4)
  expect(await text(null)).toBe('hello\nworld\n\nno end')
})

test('a line over 16 KiB is written in parts and read whole', async () => {
  const writer = new LogWriter(path, BIG)
  const line = 'x'.repeat(50_000)
  writer.write('stdout', Buffer.from(`${line}\nnext\n`))
  writer.close()
  expect(
    readFileSync(path, 'utf8')
      .split('\n')
      .filter((entry) => entry.includes(' P ')),
  ).toHaveLength(3)
  expect(await text(null)).toBe(`${line}\nnext\n`)
  expect(await text(null, { timestamps: true })).toMatch(/^\S+Z x{50000}\n\S+Z next\n$/)
})

test('rotation keeps as many files as it may, and tail reads over them', async () => {
  const writer = new LogWriter(path, { maxBytes: 1_000, maxFiles: 3 })
  for (let index = 0; index < 200; index += 1) writer.write('stdout', Buffer.from(`line ${index}\n`))
  expect(readdirSync(dir)).toHaveLength(3)
  const all = (await text(writer)).trimEnd().split('\n')
  expect(all.at(-1)).toBe('line 199')
  for (let count = 1; count <= all.length; count += 1) {
    expect((await text(writer, { tailLines: count })).trimEnd().split('\n')).toEqual(all.slice(-count))
  }
  expect(await text(writer, { tailLines: 0 })).toBe('')
  expect((await text(writer, { tailLines: 10_000 })).trimEnd().split('\n')).toEqual(all)
  writer.close()
})

test('sinceTime leaves out what is older, to the nanosecond; limitBytes cuts', async () => {
  const writer = new LogWriter(path, BIG)
  for (const line of ['one', 'two', 'three']) writer.write('stdout', Buffer.from(`${line}\n`))
  writer.close()
  const times = (await text(null, { timestamps: true })).split('\n').map((line) => line.split(' ')[0] ?? '')
  expect(await text(null, { sinceTime: times[1] ?? '' })).toBe('two\nthree\n')
  expect(await text(null, { sinceTime: '2000-01-01T00:00:00Z' })).toBe('one\ntwo\nthree\n')
  expect(await text(null, { sinceTime: '2999-01-01T00:00:00Z' })).toBe('')
  expect(await text(null, { limitBytes: 6 })).toBe('one\ntw')
})

test('a follower sees every line once, over rotations, until the writer closes', async () => {
  const writer = new LogWriter(path, { maxBytes: 20_000, maxFiles: 5 })
  writer.write('stdout', Buffer.from('line 0\n'))
  let read = ''
  const following = (async () => {
    for await (const chunk of readLog(path, writer, { timestamps: false, follow: true }, never)) read += chunk
  })()
  for (let index = 1; index < 3_000; index += 1) {
    writer.write('stdout', Buffer.from(`line ${index}\n`))
    if (index % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  writer.close()
  await following
  expect(read.trimEnd().split('\n')).toEqual(Array.from({ length: 3_000 }, (_, index) => `line ${index}`))
})

test('a follower ends with its signal, and an appended log goes on after a restart', async () => {
  const first = new LogWriter(path, BIG)
  first.write('stdout', Buffer.from('before\n'))
  const stop = new AbortController()
  const following = (async () => {
    for await (const _ of readLog(path, first, { timestamps: false, follow: true }, stop.signal)) stop.abort()
  })()
  await following
  const second = new LogWriter(path, BIG)
  second.write('stdout', Buffer.from('after\n'))
  expect(await text(second)).toBe('before\nafter\n')
  second.close()
})

test('a follower that rotation overtook says how many lines it missed', async () => {
  const writer = new LogWriter(path, { maxBytes: 2_000, maxFiles: 2 })
  writer.write('stdout', Buffer.from('first\n'))
  const following = readLog(path, writer, { timestamps: true, follow: true }, never)
  let read = String((await following.next()).value)
  for (let index = 0; index < 1_000; index += 1) writer.write('stdout', Buffer.from(`line ${index}\n`))
  writer.close()
  for await (const chunk of following) read += chunk
  const lines = read.trimEnd().split('\n')
  const missed = lines.flatMap((line) => /--- (\d+) lines skipped/.exec(line)?.[1] ?? []).map(Number)
  expect(missed.length).toBeGreaterThan(0)
  expect(lines.length - missed.length + missed.reduce((sum, each) => sum + each, 0)).toBe(1_001)
  const times = lines.map((line) => line.split(' ')[0] ?? '')
  expect(times).toEqual(times.toSorted())
})
