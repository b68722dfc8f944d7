import { describe, expect, it, vi } from 'vitest'
import { createLogTails, type TailSource } from './log-tails.ts'

/** `vi.waitFor` waits for a second otherwise, which a busy machine may need longer than. */
const PATIENCE_MS = 60_000

const source = (part: Partial<TailSource> = {}): TailSource => ({
  namespace: 'acme-shop-production',
  appId: 'id-of-web',
  pod: 'web-1',
  container: 'app',
  previous: false,
  run: 'slipway://1',
  ...part,
})

/** Answers one after the other; null is a failure. The last one stays. */
function logOf(...answers: (string | null)[]) {
  const asked: { previous?: boolean | undefined }[] = []
  return {
    asked,
    readLog(_pod: unknown, options: { previous?: boolean | undefined }) {
      asked.push(options)
      const answer = answers.length > 1 ? answers.shift() : answers[0]
      return typeof answer === 'string' ? Promise.resolve(answer) : Promise.reject(new Error('not found'))
    },
  }
}

describe('the last log lines of what failed', () => {
  it('are read again until there are some, without being asked for again', async () => {
    const tails = createLogTails(logOf(null, '', 'sh: ./bin/serve: not found\n'))
    const news: string[] = []
    tails.onRead((appId) => news.push(appId))
    expect(tails.get(source())).toEqual([])
    await vi.waitFor(() => expect(news).toHaveLength(1), { timeout: 10_000 })
    expect(tails.get(source())).toEqual(['sh: ./bin/serve: not found'])
    expect(tails.stats()).toMatchObject({ reading: 0, failures: 1 })
  })

  it('are those of their run, whether it is the present or the previous one', async () => {
    const log = logOf('the first run\n', 'the second run\n')
    const tails = createLogTails(log)
    tails.get(source())
    await vi.waitFor(() => expect(tails.get(source())).toEqual(['the first run']), PATIENCE_MS)
    expect(tails.get(source({ previous: true }))).toEqual(['the first run'])
    tails.get(source({ run: 'slipway://2' }))
    await vi.waitFor(() => expect(tails.get(source({ run: 'slipway://2' }))).toEqual(['the second run']), PATIENCE_MS)
    expect(log.asked).toHaveLength(2)
  })

  it('are read a few at a time, and all in the end', async () => {
    let reading = 0
    let most = 0
    const tails = createLogTails({
      async readLog({ name }) {
        most = Math.max(most, ++reading)
        await new Promise((resolve) => setTimeout(resolve, 20))
        reading--
        return `${name} failed\n`
      },
    })
    const pods = Array.from({ length: 30 }, (_, index) => `web-${index}`)
    const lines = () => pods.map((pod) => tails.get(source({ pod, run: pod })).join())
    lines()
    const done = new Set<string>()
    await vi.waitFor(
      () => {
        for (const line of lines()) if (line) done.add(line)
        expect(done.size).toBe(30)
      },
      { timeout: 10_000, interval: 50 },
    )
    expect(most).toBeLessThanOrEqual(8)
  })
})
