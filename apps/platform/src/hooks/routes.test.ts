import { createHmac, randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { connectSource } from '@slipway/db'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { waitFor } from '../testing/wait.ts'
import { type LonePlatform, startWithoutCluster } from '../testing/without-cluster.ts'

let platform: LonePlatform
let hook: { url: string; secret: string }
let app = ''
const environment = { team: 'acme', project: 'shop', environment: 'production' }

/** GitHub's own published push payloads. */
const pushes = z
  .array(z.object({ name: z.string(), examples: z.array(z.looseObject({ ref: z.string().optional() })) }))
  .parse(createRequire(import.meta.url)('@octokit/webhooks-examples/api.github.com/index.json'))
  .find(({ name }) => name === 'push')?.examples

const push = {
  ref: 'refs/heads/main',
  after: 'c'.repeat(40),
  head_commit: { id: 'c'.repeat(40), message: 'Hi' },
  pusher: { name: 'ada' },
}

const withMessage = (message: string) => JSON.stringify({ ...push, head_commit: { id: push.after, message } })

beforeAll(async () => {
  // Builds of the tests before must not keep the last one waiting.
  platform = await startWithoutCluster({ buildConcurrency: 50 })
})
afterAll(() => platform?.stop())
beforeEach(async () => {
  app = `a${randomUUID().slice(0, 8)}`
  await platform.api().app.create.mutate({ ...environment, app, source: { kind: 'git' } })
  const { db } = platform.database
  const { id: appId } = await db.client.app.findFirstOrThrow({ where: { slug: app } })
  // Port 9 refuses: connecting by the API would ask it.
  const repositoryUrl = 'http://127.0.0.1:9/acme/web.git'
  const actor = { name: 'ada', email: 'ada@example.com' }
  const source = await connectSource(db, { appId, host: 'github', repositoryUrl, branch: 'main', actor })
  hook = { url: `${platform.url}/hooks/${source.hookId}`, secret: source.secret }
})

interface Sent {
  event?: string
  id?: string
  secret?: string
  body?: Buffer | string
  headers?: Record<string, string>
}

async function send({
  event = 'push',
  id = randomUUID(),
  secret = hook.secret,
  body = JSON.stringify(push),
  headers,
}: Sent = {}) {
  const answer = await fetch(hook.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': event,
      'x-github-delivery': id,
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
      ...headers,
    },
    body: Buffer.from(body),
  })
  return {
    status: answer.status,
    body: z.object({ status: z.string(), reason: z.string() }).parse(await answer.json()),
  }
}

const deliveries = async () => (await platform.api().delivery.list.query({ ...environment, app })).items

describe('a webhook', () => {
  test('stores a push of the tracked branch and answers 202 at once', async () => {
    const id = randomUUID()
    expect(await send({ id })).toMatchObject({ status: 202, body: { status: 'accepted' } })
    expect(await deliveries()).toMatchObject([{ deliveryId: id, event: 'push', commit: push.after }])
  })

  test('takes the same delivery once, also when it comes many times at the same moment', async () => {
    const id = randomUUID()
    const statuses = (await Promise.all(Array.from({ length: 8 }, () => send({ id }))))
      .map(({ status }) => status)
      .sort()
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 200, 202])
    expect(await deliveries()).toHaveLength(1)
  })

  test('replays every push that GitHub publishes: each is stored, and tells what became of it', async () => {
    expect(pushes?.length).toBeGreaterThan(3)
    for (const example of pushes ?? []) {
      const { status, body } = await send({ body: JSON.stringify(example) })
      expect([200, 202]).toContain(status)
      expect(body.reason.length).toBeGreaterThan(10)
    }
    expect(await deliveries()).toHaveLength(pushes?.length ?? 0)
  })

  test.each([
    ['a forged signature', { secret: 'guessed' }, 401, 'rejected', 'signature'],
    ['no signature', { headers: { 'x-hub-signature-256': '' } }, 401, 'rejected', 'not signed'],
    ['a ping', { event: 'ping', body: '{"zen":"x"}' }, 200, 'ignored', 'Ping'],
    ['another branch', { body: JSON.stringify({ ...push, ref: 'refs/heads/dev' }) }, 200, 'ignored', 'dev'],
    ['a tag', { body: JSON.stringify({ ...push, ref: 'refs/tags/v1' }) }, 200, 'ignored', 'tag'],
    [
      'a deleted branch',
      { body: JSON.stringify({ ...push, deleted: true, after: '0'.repeat(40) }) },
      200,
      'ignored',
      'deleted',
    ],
    ['an unknown event', { event: 'workflow_run', body: '{}' }, 200, 'ignored', 'workflow_run'],
    ['truncated JSON', { body: JSON.stringify(push).slice(0, 50) }, 400, 'rejected', 'JSON'],
    ['a body over the limit', { body: `{"x":"${'x'.repeat(25 * 1024 * 1024)}"}` }, 413, 'rejected', 'larger'],
    ['[skip ci]', { body: withMessage('Typo\n\nNothing to see [Skip CI]') }, 200, 'ignored', 'says [skip ci]'],
    ['[ci skip]', { body: withMessage('[ci skip] Typo') }, 200, 'ignored', 'says [ci skip]'],
    ['[skip deploy]', { body: withMessage('Typo [skip deploy]') }, 200, 'ignored', 'says [skip deploy]'],
  ])('answers and records %s', async (_name, sent, status, verdict, words) => {
    const answer = await send(sent)
    expect(answer).toMatchObject({ status, body: { status: verdict } })
    expect(answer.body.reason).toContain(words)
    expect(await deliveries()).toMatchObject([{ status: verdict, reason: answer.body.reason }])
  })

  test('takes a payload of many commits, signed over its bytes', async () => {
    const commits = Array.from({ length: 2000 }, () => ({ id: 'c'.repeat(40), message: 'm'.repeat(10_000) }))
    const body = JSON.stringify({ ...push, commits })
    expect(body.length).toBeGreaterThan(19 * 1024 * 1024)
    expect(await send({ body })).toMatchObject({ status: 202, body: { status: 'accepted' } })
  })

  test('one commit is one build, whatever the ids of its deliveries', async () => {
    for (let n = 0; n < 9; n++) expect((await send()).status).toBe(202)
    await waitFor('eight deliveries to be told so', async () => {
      const found = await deliveries()
      return found.filter(({ reason }) => reason.includes('is already being built (build 1)')).length === 8
    })
    expect((await platform.api().build.list.query({ ...environment, app })).items).toHaveLength(1)
  })

  test('takes a redelivery after the secret was corrected', async () => {
    const id = randomUUID()
    expect((await send({ id, secret: 'old' })).status).toBe(401)
    expect((await send({ id })).status).toBe(202)
    expect(await deliveries()).toHaveLength(1)
  })

  test('an accepted delivery is not undone by a forged copy', async () => {
    const id = randomUUID()
    await send({ id })
    expect((await send({ id, secret: 'forged' })).status).toBe(401)
    expect(await deliveries()).not.toMatchObject([{ status: 'rejected' }])
  })

  test('a request that ends before its body is recorded', async () => {
    const { hostname, port, pathname } = new URL(hook.url)
    await new Promise<void>((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write(
          `POST ${pathname} HTTP/1.1\r\nHost: x\r\nX-GitHub-Event: push\r\nX-GitHub-Delivery: cut\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{"ref":`,
        )
        setTimeout(() => socket.destroy(), 200)
      })
      socket.on('close', () => resolve())
      socket.on('error', reject)
    })
    const [delivery] = await waitFor('the delivery', async () => {
      const found = await deliveries()
      return found.length > 0 && found
    })
    expect(delivery).toMatchObject({
      deliveryId: 'cut',
      status: 'rejected',
      reason: 'The request ended before its body did.',
    })
  })

  test('one caller stops it for all: of forged deliveries a few are recorded, and every good one is accepted', async () => {
    await send({ event: 'ping', body: '{}' })
    const forged = Promise.all(Array.from({ length: 200 }, () => send({ secret: 'guessed' })))
    const good = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        send({ body: JSON.stringify({ ...push, after: (n + 1).toString(16).padStart(40, '0') }) }),
      ),
    )
    expect(new Set(good.map(({ status }) => status))).toEqual(new Set([202]))
    expect(new Set((await forged).map(({ status }) => status))).toEqual(new Set([401]))
    const { delivery } = platform.database.db.client
    expect(await delivery.count({ where: { status: 'rejected', app: { slug: app } } })).toBeLessThanOrEqual(10)
    expect(await delivery.count({ where: { status: { not: 'rejected' }, app: { slug: app } } })).toBe(13)
  })

  test('a renewed secret counts at once, and the old one no longer', async () => {
    await send()
    const { secret } = await platform.api().webhook.rotateSecret.mutate({ ...environment, app })
    expect(await send({ secret })).toMatchObject({ status: 202 })
    expect(await send()).toMatchObject({ status: 401 })
  })

  test('a body that comes too slowly is refused, and good ones are taken meanwhile', async () => {
    const { hostname, port, pathname } = new URL(hook.url)
    const slow = Array.from({ length: 4 }, () => {
      const socket = connect(Number(port), hostname, () => {
        socket.write(`POST ${pathname} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.66\r\nX-GitHub-Event: push\r\n`)
        socket.write('Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n{')
      })
      return new Promise<string>((resolve, reject) => {
        let answer = ''
        socket.on('data', (chunk) => {
          answer += chunk
        })
        socket.on('close', () => resolve(answer))
        socket.on('error', reject)
      })
    })
    expect((await send()).status).toBe(202)
    for (const answer of await Promise.all(slow)) expect(answer).toMatch(/^HTTP\/1.1 408/)
  })

  test('an address that is none is not found', async () => {
    for (const id of ['0'.repeat(32), '%00', 'x'.repeat(300)]) {
      const answer = await fetch(`${platform.url}/hooks/${id}`, { method: 'POST', body: '{}' })
      expect(answer.status, id).toBe(404)
    }
  })

  test('a repository that cannot be fetched ends the delivery in words', async () => {
    await platform.database.db.client.gitSource.updateMany({
      where: { app: { slug: app } },
      data: { repositoryUrl: `${platform.url}/git/acme/shop/production/none.git` },
    })
    await send()
    const failed = await waitFor('the delivery to fail', async () => {
      const [delivery] = await deliveries()
      return delivery?.status === 'failed' && delivery
    })
    expect(failed.reason).toContain('denied access')
  })
})
