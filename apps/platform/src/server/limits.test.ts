import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { waitFor } from '../testing/wait.ts'
import { type LonePlatform, startWithoutCluster } from '../testing/without-cluster.ts'

let platform: LonePlatform
beforeAll(async () => {
  const limits = { calls: 4, sockets: 3, addressSockets: 6, subscriptions: 2, logStreams: 10, terminals: 10 }
  platform = await startWithoutCluster({ limits })
})
afterAll(() => platform?.stop())

const errorAnswer = z.object({ error: z.object({ code: z.string(), message: z.string() }) })
const batchUrl = (calls: number) =>
  `${platform.url}/trpc/${Array.from({ length: calls }, () => 'account.get').join(',')}?batch=1&input=%7B%7D`
const bearer = (token = platform.token) => ({ authorization: `Bearer ${token}` })

/** An upgrade: the open socket, or the status and words with which it was refused. */
async function upgrade(headers: Record<string, string>): Promise<WebSocket | { status: number; text: string }> {
  const socket = new WebSocket(`${platform.url.replace('http', 'ws')}/trpc`, { headers })
  socket.on('error', () => undefined)
  const refused = once(socket, 'unexpected-response').then(async ([, response]) => {
    let text = ''
    for await (const chunk of response as IncomingMessage) text += chunk
    return { status: (response as IncomingMessage).statusCode ?? 0, text }
  })
  return Promise.race([refused, once(socket, 'open').then(() => socket)])
}

async function opened(headers: Record<string, string>): Promise<WebSocket> {
  const answer = await upgrade(headers)
  if (answer instanceof WebSocket) return answer
  throw new Error(`refused: ${answer.status} ${answer.text}`)
}

describe('one caller stops it for all: calls', () => {
  test('a batch of more than 30 calls is refused, and the answer says so', async () => {
    const answer = await fetch(batchUrl(450), { headers: bearer() })
    expect(answer.status).toBe(413)
    const { error } = errorAnswer.parse(await answer.json())
    expect(error).toMatchObject({ code: 'too_large' })
    expect(error.message).toContain('30 calls at most, and this one has 450')
    expect((await fetch(batchUrl(30), { headers: bearer() })).status).toBe(200)
  })

  test('commas that are escaped count as well', async () => {
    const answer = await fetch(batchUrl(31).replaceAll(',', '%2C'), { headers: bearer() })
    expect(answer.status).toBe(413)
  })

  test('more calls than run and wait are answered 429 each, and another account is served meanwhile', async () => {
    const flood = Promise.all(
      Array.from({ length: 20 }, async () => {
        const answer = await fetch(batchUrl(30), { headers: { ...bearer(), 'x-forwarded-for': '192.0.2.66' } })
        return z.array(z.looseObject({ error: z.unknown().optional() })).parse(await answer.json())
      }),
    )
    const status = await fetch(`${platform.url}/trpc/setup.status`, { headers: { 'x-forwarded-for': '192.0.2.7' } })
    expect(status.status).toBe(200)
    const answers = (await flood).flat()
    const refused = answers.filter(({ error }) => error !== undefined)
    expect(answers).toHaveLength(600)
    expect(answers.length - refused.length).toBeGreaterThanOrEqual(300)
    for (const { error } of refused) expect(JSON.stringify(error)).toContain('"appCode":"rate_limited"')
  })
})

describe('one caller stops it for all: sockets', () => {
  test('nobody is upgraded before they are identified', async () => {
    expect(await upgrade({})).toMatchObject({ status: 401, text: expect.stringContaining('Sign in') })
    expect(await upgrade(bearer('slp_forged'))).toMatchObject({ status: 401 })
    expect(await upgrade({ cookie: 'slipway.session-token=forged' })).toMatchObject({ status: 401 })
  })

  test('a flood of anonymous sockets leaves the places of others free', async () => {
    const headers = { 'x-forwarded-for': '192.0.2.66' }
    const answers = await Promise.all(Array.from({ length: 200 }, () => upgrade(headers)))
    for (const answer of answers) expect(answer).toMatchObject({ status: expect.toBeOneOf([401, 429]) })
    const socket = await opened(bearer())
    socket.close()
    await once(socket, 'close')
  })

  test('an account holds as many as its limit, and more once it let some go', async () => {
    const sockets = [await opened(bearer()), await opened(bearer()), await opened(bearer())]
    expect(await upgrade(bearer())).toMatchObject({ status: 429, text: expect.stringContaining('this account') })
    sockets[0]?.close()
    const again = await waitFor('a free place', async () => {
      const answer = await upgrade(bearer())
      return answer instanceof WebSocket && answer
    })
    for (const socket of [...sockets, again]) socket.terminate()
  })

  test('subscriptions of an account are counted over all of its sockets', async () => {
    const said: string[] = []
    const open = async () => {
      const socket = await waitFor('a free place', async () => {
        const answer = await upgrade(bearer())
        return answer instanceof WebSocket && answer
      })
      socket.on('message', (data) => said.push(String(data)))
      return socket
    }
    const subscribe = (socket: WebSocket, id: number) =>
      socket.send(JSON.stringify({ id, method: 'subscription', params: { path: 'live.apps', input: {} } }))
    const [first, second] = [await open(), await open()]
    subscribe(first, 1)
    subscribe(first, 2)
    await waitFor('two streams', async () => said.filter((text) => text.includes('"type":"data"')).length === 2)
    subscribe(second, 3)
    await waitFor('the refusal', async () => said.some((text) => text.includes('too many live streams')))
    first.send(JSON.stringify({ id: 1, method: 'subscription.stop' }))
    await waitFor('the end of a stream', async () => said.some((text) => text.includes('"stopped"')))
    subscribe(second, 4)
    await waitFor('a stream', async () => said.some((text) => text.includes('"id":4') && text.includes('"data"')))
    first.terminate()
    second.terminate()
  })
})
