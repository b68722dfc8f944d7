import { describe, expect, it } from 'vitest'
import { createManualClock } from './clock.ts'
import { createController, type Reconcile, TerminalError } from './controller.ts'
import { createWorkqueue } from './workqueue.ts'

function setup(reconcile: Reconcile, concurrency = 1) {
  const clock = createManualClock()
  const queue = createWorkqueue({ clock, random: () => 0, backoff: { baseMs: 100, maxMs: 10_000, jitter: 0 } })
  const errors: { key: string; terminal: boolean; failures: number }[] = []
  const controller = createController({
    name: 'test',
    reconcile,
    concurrency,
    queue,
    onError: (_error, key, context) => errors.push({ key, ...context }),
  })
  return { clock, controller, errors }
}

describe('controller', () => {
  it('retries what throws with back-off and forgets the back-off when it works', async () => {
    const runs: number[] = []
    const { clock, controller, errors } = setup(async () => {
      runs.push(clock.now())
      if (runs.length < 4) throw new Error('not yet')
    })
    controller.start()
    controller.enqueue('a')
    await clock.advance(10_000)
    expect(runs).toEqual([0, 100, 300, 700])
    expect(errors.map((error) => error.failures)).toEqual([1, 2, 3])
    expect(controller.stats()).toMatchObject({
      name: 'test',
      runs: 4,
      errors: 3,
      terminalErrors: 0,
      depth: 0,
      delayed: 0,
    })
    await controller.stop()
  })

  it('does not retry a terminal error until the key is added again', async () => {
    let runs = 0
    const { clock, controller, errors } = setup(async () => {
      runs += 1
      throw new TerminalError('never')
    })
    controller.start()
    controller.enqueue('a')
    await clock.advance(100_000)
    expect(runs).toBe(1)
    expect(errors).toEqual([{ key: 'a', terminal: true, failures: 0 }])
    controller.enqueue('a')
    await clock.advance(1)
    expect(runs).toBe(2)
    await controller.stop()
  })

  it('looks again after the time that was asked for', async () => {
    const runs: number[] = []
    const { clock, controller } = setup(async () => {
      runs.push(clock.now())
      return runs.length < 3 ? { requeueAfterMs: 250 } : undefined
    })
    controller.start()
    controller.enqueue('a')
    await clock.advance(5_000)
    expect(runs).toEqual([0, 250, 500])
    await controller.stop()
  })

  it('works on several keys at once, never on one key twice', async () => {
    let running = 0
    let most = 0
    const perKey = new Map<string, number>()
    const { clock, controller } = setup(async (key) => {
      expect(perKey.get(key) ?? 0).toBe(0)
      perKey.set(key, 1)
      running += 1
      most = Math.max(most, running)
      await new Promise<void>((resolve) => clock.after(50, resolve))
      running -= 1
      perKey.set(key, 0)
    }, 3)
    controller.start()
    for (const key of ['a', 'b', 'c', 'd', 'a', 'b']) controller.enqueue(key)
    await clock.advance(20)
    controller.enqueue('a')
    await clock.advance(1_000)
    expect(most).toBe(3)
    // a, b, c were taken at once; a and b came again while they ran, a twice.
    expect(controller.stats().runs).toBe(6)
    await controller.stop()
  })

  it('stops: aborts what runs after its grace, drops what waits', async () => {
    const seen: string[] = []
    const { clock, controller } = setup(async (key, { signal }) => {
      seen.push(key)
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    })
    controller.start()
    controller.enqueue('a')
    controller.enqueue('b')
    await clock.advance(1)
    await controller.stop(10)
    expect(seen).toEqual(['a'])
    controller.enqueue('c')
    await clock.advance(10_000)
    expect(seen).toEqual(['a'])
  })
})
