import { describe, expect, it } from 'vitest'
import { createManualClock } from './clock.ts'
import { createWorkqueue } from './workqueue.ts'

const NO_LIMIT = { perSecond: 1_000_000, burst: 1_000_000 }
const queueAt = (clock = createManualClock(), random = () => 0) => ({
  clock,
  queue: createWorkqueue({ clock, random, backoff: { baseMs: 100, maxMs: 1000, jitter: 0.5 }, rateLimit: NO_LIMIT }),
})

/** State of a promise without waiting for it. */
async function peek<T>(promise: Promise<T>): Promise<T | 'pending'> {
  return Promise.race([promise, new Promise<'pending'>((resolve) => setImmediate(() => resolve('pending')))])
}

describe('workqueue', () => {
  it('serves keys first in, first out, each once', async () => {
    const { queue } = queueAt()
    for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key)
    expect([await queue.take(), await queue.take(), await queue.take()]).toEqual(['a', 'b', 'c'])
    expect(await peek(queue.take())).toBe('pending')
    expect(queue.stats().adds).toBe(3)
  })

  it('lets groups take turns: the four hundred keys of one delay another by a single key', async () => {
    const queue = createWorkqueue({ clock: createManualClock(), groupOf: (key) => key.split('/')[0] ?? '' })
    for (let index = 0; index < 400; index += 1) queue.add(`acme/${index}`)
    queue.add('globex/1')
    queue.add('globex/2')
    queue.add('initech/1')
    const served = []
    for (let index = 0; index < 6; index += 1) served.push(await queue.take())
    expect(served).toEqual(['acme/0', 'globex/1', 'initech/1', 'acme/1', 'globex/2', 'acme/2'])
    expect(queue.stats().depth).toBe(397)
    queue.add('globex/3')
    expect([await queue.take(), await queue.take()]).toEqual(['acme/3', 'globex/3'])
  })

  it('keeps a key that is added while it is worked on until it is done', async () => {
    const { queue } = queueAt()
    queue.add('a')
    await queue.take()
    queue.add('a')
    queue.add('a')
    const next = queue.take()
    expect(await peek(next)).toBe('pending')
    expect(queue.stats()).toMatchObject({ depth: 1, processing: 1 })
    queue.done('a')
    expect(await next).toBe('a')
    queue.done('a')
    expect(queue.stats()).toMatchObject({ depth: 0, processing: 0, adds: 2 })
  })

  it('lets a key rest after long work, and keeps what comes in meanwhile', async () => {
    const clock = createManualClock()
    const queue = createWorkqueue({ clock, rest: { leastMs: 20, maxMs: 100 } })
    const work = async (ms: number) => {
      queue.add('a')
      expect(await queue.take()).toBe('a')
      await clock.advance(ms)
      queue.done('a')
      queue.add('a')
    }
    await work(19)
    expect(await queue.take()).toBe('a')
    queue.done('a')
    await work(50)
    const rested = queue.take()
    await clock.advance(49)
    expect(await peek(rested)).toBe('pending')
    expect(queue.stats()).toMatchObject({ depth: 1, processing: 0 })
    await clock.advance(1)
    expect(await rested).toBe('a')
    queue.done('a')
    await work(1_000)
    const long = queue.take()
    await clock.advance(99)
    expect(await peek(long)).toBe('pending')
    queue.shutdown()
    expect(await long).toBe('a')
  })

  it('adds later, at the earliest of several times', async () => {
    const { queue, clock } = queueAt()
    queue.addAfter('a', 500)
    queue.addAfter('a', 200)
    queue.addAfter('a', 900)
    expect(clock.pending).toBe(1)
    await clock.advance(199)
    expect(queue.stats()).toMatchObject({ depth: 0, delayed: 1 })
    await clock.advance(1)
    expect(queue.stats()).toMatchObject({ depth: 1, delayed: 0 })
    queue.addAfter('b', 0)
    expect(queue.stats().depth).toBe(2)
  })

  it('doubles the back-off of a key up to its limit, with jitter, until it is forgotten', async () => {
    for (const [random, expected] of [
      [0, [100, 200, 400, 800, 1000, 1000]],
      [0.999999, [50, 100, 200, 400, 500, 500]],
    ] as const) {
      const { queue, clock } = queueAt(createManualClock(), () => random)
      for (const delayMs of expected) {
        queue.addRateLimited('a')
        await clock.advance(delayMs - 1)
        expect(queue.stats().depth).toBe(0)
        await clock.advance(2)
        expect(await queue.take()).toBe('a')
        queue.done('a')
      }
      expect(queue.failures('a')).toBe(expected.length)
      queue.forget('a')
      expect(queue.failures('a')).toBe(0)
    }
  })

  it('limits retries over all keys', async () => {
    const clock = createManualClock()
    const queue = createWorkqueue({
      clock,
      backoff: { baseMs: 1, maxMs: 1, jitter: 0 },
      rateLimit: { perSecond: 10, burst: 2 },
    })
    for (let key = 0; key < 12; key += 1) queue.addRateLimited(`key-${key}`)
    await clock.advance(1)
    expect(queue.stats().depth).toBe(2)
    await clock.advance(500)
    expect(queue.stats().depth).toBe(7)
    await clock.advance(500)
    expect(queue.stats()).toMatchObject({ depth: 12, retries: 12 })
  })

  it('counts how long keys wait and are worked on', async () => {
    const { queue, clock } = queueAt()
    queue.add('a')
    await clock.advance(30)
    await queue.take()
    await clock.advance(12)
    queue.done('a')
    expect(queue.stats().latencyMs).toEqual({ total: 30, count: 1, max: 30 })
    expect(queue.stats().workMs).toEqual({ total: 12, count: 1, max: 12 })
  })

  it('drains: serves what waits, drops what is delayed, ends the takers', async () => {
    const { queue, clock } = queueAt()
    queue.add('a')
    queue.addAfter('later', 100)
    await queue.take()
    queue.add('a')
    const drained = queue.drain()
    queue.add('refused')
    expect(await peek(drained)).toBe('pending')
    queue.done('a')
    expect(await queue.take()).toBe('a')
    expect(await peek(drained)).toBe('pending')
    queue.done('a')
    await drained
    await clock.advance(1000)
    expect(await queue.take()).toBeNull()
    expect(clock.pending).toBe(0)
  })

  it('wakes waiting takers at shutdown', async () => {
    const { queue } = queueAt()
    const taken = queue.take()
    queue.shutdown()
    expect(await taken).toBeNull()
  })

  it('refuses done without take', () => {
    expect(() => queueAt().queue.done('a')).toThrow('without take')
  })
})

/** A small generator, so that a failing run can be repeated by its seed. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

describe('workqueue under random use', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('never gives a key to two workers and loses none (seed %i)', async (seed) => {
    const random = randomFrom(seed)
    const clock = createManualClock()
    const queue = createWorkqueue({
      clock,
      random,
      rateLimit: NO_LIMIT,
      backoff: { baseMs: 5, maxMs: 80, jitter: 0.3 },
    })
    const held = new Set<string>()
    /** Version of each key when it was last added, and when a worker last began on it. */
    const added = new Map<string, number>()
    const seen = new Map<string, number>()
    let version = 0
    const touch = (add: (key: string) => void) => {
      const key = `key-${Math.floor(random() * 12)}`
      version += 1
      added.set(key, version)
      add(key)
    }
    const worker = async () => {
      for (let key = await queue.take(); key !== null; key = await queue.take()) {
        expect(held.has(key), `${key} is held twice`).toBe(false)
        held.add(key)
        seen.set(key, version)
        const workMs = random() * 20
        await new Promise<void>((resolve) => clock.after(workMs, resolve))
        held.delete(key)
        if (random() < 0.2) queue.addRateLimited(key)
        else queue.forget(key)
        queue.done(key)
      }
    }
    const workers = [worker(), worker(), worker()]
    for (let step = 0; step < 400; step += 1) {
      const choice = random()
      if (choice < 0.5) touch((key) => queue.add(key))
      else if (choice < 0.7) touch((key) => queue.addAfter(key, random() * 50))
      else if (choice < 0.8) touch((key) => queue.addRateLimited(key))
      else await clock.advance(random() * 30)
      const { depth, delayed } = queue.stats()
      expect(depth).toBeLessThanOrEqual(12)
      expect(delayed).toBeLessThanOrEqual(12)
    }
    // Retries go on at random; in the end every key was begun on after it was last added.
    await clock.advance(5_000)
    for (const [key, at] of added) expect(seen.get(key), key).toBeGreaterThanOrEqual(at)
    queue.shutdown()
    await clock.advance(5_000)
    await Promise.all(workers)
    expect(queue.stats().processing).toBe(0)
  })
})
