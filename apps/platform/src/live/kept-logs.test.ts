import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestDatabase, type TestDatabase } from '@slipway/db/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { importFileLogs } from './import-logs.ts'
import { createKeptLogs, type KeptLogs, LOG_LIMIT_BYTES } from './kept-logs.ts'
import { nanosecondsOf } from './log-time.ts'

let database: TestDatabase
let logs: KeptLogs
let appId = ''
let builds = 0
beforeAll(async () => {
  database = await createTestDatabase()
  logs = createKeptLogs(database.db, 'build')
  const { client } = database.db
  const team = await client.team.create({ data: { slug: 'acme', name: 'Acme' } })
  const project = await client.project.create({ data: { teamId: team.id, slug: 'shop', name: 'Shop' } })
  const place = { projectId: project.id, slug: 'production', kind: 'production', namespace: 'acme-shop' } as const
  const environment = await client.environment.create({ data: place })
  const app = { environmentId: environment.id, slug: 'web', sourceKind: 'git', hostPrefix: 'web' } as const
  appId = (await client.app.create({ data: app })).id
})
afterAll(() => database?.stop())

async function newBuild(): Promise<string> {
  const source = { commit: 'a'.repeat(40), branch: 'main', message: 'm', by: 'ada' }
  const data = { appId, number: ++builds, trigger: 'push', ...source } as const
  return (await database.db.client.build.create({ data })).id
}

const at = '2026-01-01T00:00:00.000000001Z'
const entry = (text: string) => ({ at, origin: 'pod' as const, text })
const never = new AbortController().signal

async function all(id: string, from = 0): Promise<string[]> {
  const lines: string[] = []
  for await (const { entries } of logs.follow(id, { from, isOver: async () => true, signal: never })) {
    lines.push(...entries.map(({ text }) => text))
  }
  return lines
}

test('keeps lines in order under concurrent appends', async () => {
  const id = await newBuild()
  await Promise.all(Array.from({ length: 30 }, (_, n) => logs.append(id, [entry(`line ${n}`)])))
  expect(await all(id)).toEqual(Array.from({ length: 30 }, (_, n) => `line ${n}`))
  expect(await logs.tail(id, 3)).toEqual(['line 27', 'line 28', 'line 29'])
})

test('a follower sees what is written after it began, also by another process, and ends with the build', async () => {
  const id = await newBuild()
  const other = createKeptLogs(database.db, 'build')
  const listener = database.db.listen({
    channels: ['slipway_build_log'],
    onMessage: (_channel, build) => logs.notified(build),
    onResync: () => undefined,
  })
  let over = false
  const seen: string[] = []
  const following = (async () => {
    for await (const { entries } of logs.follow(id, { from: 0, isOver: async () => over, signal: never })) {
      seen.push(...entries.map(({ text }) => text))
    }
  })()
  await logs.append(id, [entry('one')])
  await other.append(id, [entry('two\nwith a break'), entry('half of \ud83d a pair, and \0')])
  await logs.append(id, [{ at, origin: 'slipway', text: 'three' }])
  over = true
  await following
  await listener.stop()
  expect(seen).toEqual(['one', 'two with a break', 'half of \ufffd a pair, and \ufffd', 'three'])
})

test('goes on from a byte, without loss or repetition, inside a block too', async () => {
  const id = await newBuild()
  await logs.append(id, ['a', 'ü'].map(entry))
  const first = await logs.follow(id, { from: 0, isOver: async () => true, signal: never }).next()
  await logs.append(id, [entry('c')])
  expect(first.done).toBe(false)
  expect(await all(id, first.value?.offset)).toEqual(['c'])
  const bytesOfA = Buffer.byteLength(`${at}\tb\ta\n`)
  expect(await all(id, bytesOfA)).toEqual(['ü', 'c'])
})

test('is cut at its limit and says so; the verdict still fits; blocks are bounded', async () => {
  const id = await newBuild()
  const line = 'x'.repeat(16 * 1024)
  const count = Math.ceil(LOG_LIMIT_BYTES.build / line.length) + 10
  for (let n = 0; n < count; n += 10)
    await logs.append(
      id,
      Array.from({ length: 10 }, () => entry(line)),
    )
  await logs.append(id, [{ at, origin: 'slipway', text: 'it failed' }])
  const lines = await all(id)
  expect(lines.filter((text) => text.includes('is longer than 4 MiB'))).toHaveLength(1)
  expect(lines.at(-1)).toBe('it failed')
  expect(logs.stats().droppedLines).toBeGreaterThan(5)
  const chunks = await database.db.client.buildLogChunk.findMany({ where: { buildId: id }, select: { size: true } })
  expect(Math.max(...chunks.map(({ size }) => size))).toBeLessThanOrEqual(64 * 1024)
})

test('knows how far the output of the pod was copied', async () => {
  const id = await newBuild()
  expect(await logs.podMark(id)).toBeUndefined()
  await logs.append(id, [entry('a'), entry('b'), { at: '2030-01-01T00:00:00Z', origin: 'slipway', text: 'said' }])
  expect(await logs.podMark(id)).toEqual({ nanoseconds: nanosecondsOf(at), count: 2 })
})

test('goes with its build, and is not begun for one that is gone', async () => {
  const id = await newBuild()
  await logs.append(id, [entry('a')])
  await database.db.client.build.delete({ where: { id } })
  await logs.append(id, [entry('b')])
  expect(await database.db.client.buildLogChunk.count({ where: { buildId: id } })).toBe(0)
})

test('logs that earlier versions kept as files are moved into the database, once', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'slipway-logs-'))
  const id = await newBuild()
  await mkdir(join(stateDir, 'build-logs'))
  await writeFile(join(stateDir, 'build-logs', `${id}.log`), `${at}\tb\tone\n${at}\ts\ttwo\n${at}\tb\tcut`)
  await writeFile(join(stateDir, 'build-logs', `${crypto.randomUUID()}.log`), `${at}\tb\tof a build that is gone\n`)
  await importFileLogs(database.db, stateDir)
  await importFileLogs(database.db, stateDir)
  expect(await all(id)).toEqual(['one', 'two'])
  expect(await readdir(stateDir)).toEqual([])
  await rm(stateDir, { recursive: true })
})
