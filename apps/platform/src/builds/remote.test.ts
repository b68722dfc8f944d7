import { createServer, type RequestListener, type Server } from 'node:http'
import { buildSettingsSchema } from '@slipway/domain'
import { afterEach, describe, expect, it } from 'vitest'
import { createSourceTokens } from '../sources/token.ts'
import type { PreparedBuild } from './prepare.ts'
import { createRemoteSources } from './remote.ts'

const BUILD = '01a227a7-dfe8-722e-b07b-18c4099a99eb'
const tokens = createSourceTokens(Buffer.alloc(32, 7).toString('base64'))
const prepared: PreparedBuild = {
  settings: buildSettingsSchema.parse({}),
  strategy: 'native',
  language: 'node',
  slipwayFile: null,
  notes: [],
}

let server: Server | null = null
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

async function serve(listener: RequestListener, port = 0): Promise<string> {
  const started = createServer(listener)
  server = started
  await new Promise<void>((resolve) => started.listen(port, '127.0.0.1', resolve))
  const address = started.address()
  return `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`
}
const prepare = (url: string, patienceMs?: number) =>
  createRemoteSources(url, tokens, patienceMs).prepare(BUILD, new AbortController().signal)

describe('a build that the process with the repositories prepares', () => {
  it('waits while that process is away, and while something else answers for it', async () => {
    const url = await serve(() => undefined)
    server?.close()
    const waiting = prepare(url)
    await new Promise((resolve) => setTimeout(resolve, 200))
    let asked = 0
    await serve(
      (_, response) => {
        asked++
        if (asked === 1) response.writeHead(503).end('no healthy upstream')
        else response.end(JSON.stringify(prepared))
      },
      Number(new URL(url).port),
    )
    expect(await waiting).toEqual(prepared)
    expect(asked).toBe(2)
  })

  it('fails at once with what that process says, and after a while when nobody says anything', async () => {
    let asked = 0
    const url = await serve((_, response) => {
      asked++
      response.writeHead(503).end(JSON.stringify({ error: { code: 'unavailable', message: 'The git host is away.' } }))
    })
    await expect(prepare(url)).rejects.toThrow('The git host is away.')
    expect(asked).toBe(1)
    server?.closeAllConnections()
    server?.close()
    await expect(prepare(url, 100)).rejects.toThrow('The repositories are not reachable.')
  })
})
