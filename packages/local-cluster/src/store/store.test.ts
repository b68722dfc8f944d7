import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { ConfigMaps } from '../types/resources.ts'
import { ObjectStore } from './store.ts'

const directories: string[] = []
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true })
})

function directory(): string {
  const made = mkdtempSync(join(tmpdir(), 'slipway-store-'))
  directories.push(made)
  return made
}

function configMap(name: string, value: string) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'n' }, data: { value } }
}

const writer = new URL('./testing/write-loop.ts', import.meta.url).pathname

/** Runs a process that writes and reports each finished write, kills it outright, and answers what it had reported. */
async function killedWriter(dir: string, afterWrites: number): Promise<Map<string, string>> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', writer, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const acknowledged = new Map<string, string>()
  const exited = once(child, 'exit')
  for await (const line of createInterface({ input: child.stdout })) {
    const [name = '', value = ''] = line.split(' ')
    if (value === 'deleted') acknowledged.delete(name)
    else acknowledged.set(name, value)
    if (acknowledged.size >= afterWrites) child.kill('SIGKILL')
  }
  expect((await exited)[1]).toBe('SIGKILL')
  return acknowledged
}

describe('ObjectStore', () => {
  test('loses no acknowledged write when its process is killed, again and again', async () => {
    const dir = directory()
    const expected = new Map<string, string>()
    let revision = 0
    for (const writes of [150, 300, 450]) {
      for (const [name, value] of await killedWriter(dir, writes)) expected.set(name, value)
      const store = new ObjectStore({ directory: dir })
      const found = new Map(store.list(ConfigMaps).map((object) => [object.metadata.name, object]))
      for (const [name, value] of expected) expect(found.get(name), name).toMatchObject({ data: { value } })
      // At most the write that was under way when the process died is there without having been reported.
      expect(found.size - expected.size).toBeLessThanOrEqual(1)
      expect(store.revision).toBeGreaterThan(revision)
      revision = store.revision
      for (const object of found.values()) expect(Number(object.metadata.resourceVersion)).toBeLessThanOrEqual(revision)
      for (const [name, object] of found) expected.set(name, String(Reflect.get(Reflect.get(object, 'data'), 'value')))
      store.close()
    }
  })

  test('takes back what a full disk does not take: memory, disk and watchers tell the same story', async () => {
    const dir = directory()
    const script = new URL('./testing/write-until-full.ts', import.meta.url).pathname
    // Files of at most 4 MiB stand for the full disk; without the signal a larger write is an error.
    const command = 'trap "" XFSZ; ulimit -f 8192; exec "$0" --disable-warning=ExperimentalWarning "$1" "$2"'
    const { stdout } = await promisify(execFile)('sh', ['-c', command, process.execPath, script, dir])
    const { failure, promised, memory, told } = JSON.parse(stdout)
    expect(failure).toMatch(/full|disk|I\/O/)
    expect(promised.length).toBeGreaterThan(20)
    expect(memory.sort()).toEqual(promised.sort())
    expect(told.sort()).toEqual(promised)
    const store = new ObjectStore({ directory: dir })
    expect(store.list(ConfigMaps).map((object) => object.metadata.name)).toEqual(promised)
    store.close()
  })

  test('is held by one process at a time, and says by which', () => {
    const dir = directory()
    const store = new ObjectStore({ directory: dir })
    expect(() => new ObjectStore({ directory: dir })).toThrow(
      `The state directory ${dir} is in use by another local cluster (process ${process.pid}). Stop that one first, or choose another directory.`,
    )
    store.close()
    new ObjectStore({ directory: dir }).close()
  })

  test('says what to do about a file that is no database', () => {
    const dir = directory()
    writeFileSync(join(dir, 'objects.sqlite'), 'not a database, by far, and long enough to be read as one'.repeat(50))
    expect(() => new ObjectStore({ directory: dir })).toThrow(
      /Cannot open .*objects\.sqlite.*move it away to start empty/,
    )
  })

  test('keeps Secrets from other users of the machine', () => {
    const dir = join(directory(), 'made')
    const store = new ObjectStore({ directory: dir })
    expect(statSync(dir).mode & 0o777).toBe(0o700)
    expect(statSync(join(dir, 'objects.sqlite')).mode & 0o777).toBe(0o600)
    store.close()
  })

  test('tells listeners after the write, in order, and forgets the oldest events', async () => {
    const store = new ObjectStore({ directory: directory(), historyLimit: 10 })
    const seen: string[] = []
    const stop = store.subscribe(ConfigMaps, (event) => seen.push(`${event.type} ${event.object.metadata.name}`))
    const a = store.put(ConfigMaps, configMap('a', '1'))
    store.put(ConfigMaps, configMap('a', '2'))
    store.remove(ConfigMaps, a)
    expect(seen).toEqual([])
    await store.committed()
    expect(seen).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a'])
    stop()
    const from = store.revision
    for (let i = 0; i < 40; i += 1) store.put(ConfigMaps, configMap('b', String(i)))
    expect(store.history(ConfigMaps).since(from)).toBeNull()
    expect(store.history(ConfigMaps).dropped).toBeGreaterThan(0)
    expect(store.history(ConfigMaps).since(store.revision - 5)).toHaveLength(5)
    expect(seen).toHaveLength(3)
    store.close()
  })

  test('shows the past as long as it is remembered', () => {
    const store = new ObjectStore({ directory: directory() })
    store.put(ConfigMaps, configMap('kept', '1'))
    const gone = store.put(ConfigMaps, configMap('gone', '1'))
    const then = store.revision
    store.put(ConfigMaps, configMap('kept', '2'))
    store.remove(ConfigMaps, gone)
    store.put(ConfigMaps, configMap('new', '1'))
    const past = store
      .listAt(ConfigMaps, 'n', then)
      ?.map((object) => [object.metadata.name, Reflect.get(object, 'data')])
    expect(past).toEqual([
      ['gone', { value: '1' }],
      ['kept', { value: '1' }],
    ])
    store.close()
  })

  test('hands out objects that nobody can change', () => {
    const store = new ObjectStore({ directory: directory() })
    const stored = store.put(ConfigMaps, configMap('a', '1'))
    expect(() => Object.assign(stored.metadata, { name: 'b' })).toThrow(TypeError)
    store.close()
  })
})
