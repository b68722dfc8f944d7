import { describe, expect, test, vi } from 'vitest'
import { createFairLimiter, createHeldLimiter } from './fair-limiter.ts'

const limits = { atOnce: 3, perKey: 2, waitingPerKey: 2, what: 'calls' }

/** Work that ends when it is told to. */
function pieces(limiter: ReturnType<typeof createFairLimiter>) {
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  return {
    begun,
    start(name: string): Promise<void> {
      return limiter.run(name.slice(0, 1), () => {
        begun.push(name)
        return new Promise<void>((resolve) => ends.set(name, resolve))
      })
    },
    async end(name: string): Promise<void> {
      ends.get(name)?.()
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

describe('a fair limiter', () => {
  test('one key fills its share, and others run beside it', async () => {
    const { begun, start } = pieces(createFairLimiter(limits))
    for (const name of ['a1', 'a2', 'a3', 'b1']) void start(name)
    expect(begun).toEqual(['a1', 'a2', 'b1'])
  })

  test('what waits is served in turns, not in the order in which it came', async () => {
    const { begun, start, end } = pieces(createFairLimiter({ ...limits, atOnce: 1 }))
    for (const name of ['a1', 'a2', 'a3', 'b1', 'c1']) void start(name)
    for (const name of ['a1', 'b1', 'c1', 'a2']) await end(name)
    expect(begun).toEqual(['a1', 'b1', 'c1', 'a2', 'a3'])
  })

  test('a key has less of it while others ask, and all of it again when they have gone', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const limiter = createFairLimiter({ ...limits, atOnce: 5, perKey: 3, perKeyBesideOthers: 1, waitingPerKey: 9 })
    const { begun, start, end } = pieces(limiter)
    for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'b2']) void start(name)
    expect(begun).toEqual(['a1', 'a2', 'a3', 'b1'])
    await end('a1')
    await end('a2')
    expect(begun).toEqual(['a1', 'a2', 'a3', 'b1'])
    await end('a3')
    expect(begun).toEqual(['a1', 'a2', 'a3', 'b1', 'a4'])
    vi.advanceTimersByTime(1001)
    for (const name of ['a5', 'a6']) void start(name)
    expect(begun.slice(5)).toEqual(['a5', 'a6'])
    vi.useRealTimers()
  })

  test('refuses a key that waits with more than its share, and nobody else', async () => {
    const limiter = createFairLimiter(limits)
    const { start, begun } = pieces(limiter)
    for (const name of ['a1', 'a2', 'a3', 'a4']) void start(name)
    await expect(start('a5')).rejects.toMatchObject({ code: 'rate_limited', message: /2 run and 2 wait at most/ })
    void start('b1')
    expect(begun).toContain('b1')
    expect(limiter.stats()).toEqual({ running: 3, waiting: 2, refused: 1 })
  })

  test('work that fails gives its place back', async () => {
    const limiter = createFairLimiter({ ...limits, atOnce: 1 })
    for (let n = 0; n < 3; n++) {
      await expect(limiter.run('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    }
    expect(await limiter.run('a', () => Promise.resolve('yes'))).toBe('yes')
    expect(limiter.stats()).toEqual({ running: 0, waiting: 0, refused: 0 })
  })
})

test('held things are counted by key and given back once', () => {
  const sockets = createHeldLimiter(2)
  const first = sockets.take('a')
  sockets.take('a')
  expect(sockets.take('a')).toBeNull()
  expect(sockets.take('b')).not.toBeNull()
  first?.()
  first?.()
  expect(sockets.size).toBe(2)
  expect(sockets.take('a')).not.toBeNull()
  expect(sockets.take('a')).toBeNull()
})
