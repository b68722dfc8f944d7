import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { connectCluster, Deployments, isConflict, KubeApiError, Pods, Secrets } from '../src/index.ts'
import { type Answer, json, startScriptedServer, status } from './scripted-server.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function setup(answer: Answer) {
  const server = await startScriptedServer(answer)
  cleanups.push(() => server.close())
  return { server, cluster: await connectCluster({ config: server.credentials }) }
}
const POD = { apiVersion: 'v1', kind: 'Pod', namespace: 'ns', name: 'a b' }

describe('requests', () => {
  it('reads an object, and null where there is none', async () => {
    const { server, cluster } = await setup((response, { url }) =>
      url.pathname.endsWith('gone')
        ? json(response, 404, status(404, 'NotFound', 'no'))
        : json(response, 200, { metadata: { name: 'x' } }),
    )
    expect(await cluster.get(POD)).toEqual({ metadata: { name: 'x' } })
    expect(await cluster.get({ ...POD, name: 'gone' })).toBeNull()
    expect(server.hits[0]?.url.pathname).toBe('/api/v1/namespaces/ns/pods/a%20b')
    expect(server.hits[0]?.headers.authorization).toBe('Bearer secret')
  })

  it('applies server-side as slipway, by force and dry', async () => {
    const { server, cluster } = await setup((response) => json(response, 200, {}))
    const object = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'ns' },
      spec: { replicas: 2 },
    }
    await cluster.apply(object)
    await cluster.apply(object, { dryRun: true, force: false })
    const [first, second] = server.hits
    expect(first).toMatchObject({ method: 'PATCH', body: JSON.stringify(object) })
    expect(first?.headers['content-type']).toBe('application/apply-patch+yaml')
    expect(first?.url.search).toBe('?fieldManager=slipway&force=true')
    expect(second?.url.search).toBe('?fieldManager=slipway&force=false&dryRun=All')
  })

  it('turns a Status into an error with its parts, and anything else into one with its first words', async () => {
    const conflict = {
      ...status(409, 'Conflict', 'Apply failed with 1 conflict'),
      details: { causes: [{ reason: 'FieldManagerConflict', field: '.spec.replicas' }] },
    }
    const { cluster } = await setup((response, { url }) => {
      if (url.pathname.includes('secrets')) json(response, 409, conflict)
      else response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>')
    })
    const error = await cluster.list(Secrets, { namespace: 'ns' }).catch((reason: unknown) => reason)
    expect(isConflict(error)).toBe(true)
    expect(error).toMatchObject({ reason: 'Conflict', details: { causes: [{ field: '.spec.replicas' }] } })
    const other = await cluster.list(Pods).catch((reason: unknown) => reason)
    expect(other).toBeInstanceOf(KubeApiError)
    expect(other).toMatchObject({ status: 502, message: expect.stringContaining('Bad gateway') })
  })

  it('lists all pages and gives items their kind', async () => {
    const { cluster } = await setup((response, { url }) => {
      const second = url.searchParams.get('continue') === 'next'
      json(response, 200, {
        metadata: { resourceVersion: second ? '7' : '6', ...(second ? {} : { continue: 'next' }) },
        items: [{ metadata: { name: second ? 'b' : 'a' } }],
      })
    })
    const { items, resourceVersion } = await cluster.list(Pods, { labelSelector: 'app=x' })
    expect(items.map((item) => [item.kind, item.metadata.name])).toEqual([
      ['Pod', 'a'],
      ['Pod', 'b'],
    ])
    expect(resourceVersion).toBe('7')
  })

  it('prunes what is not kept, in the background, and takes absence for done', async () => {
    const { server, cluster } = await setup((response, { method, url }) => {
      if (method === 'DELETE')
        return json(response, url.pathname.endsWith('old') ? 404 : 200, status(404, 'NotFound', 'no'))
      const names = url.pathname.includes('deployments') ? ['keep', 'old', 'older'] : []
      json(response, 200, {
        metadata: { resourceVersion: '1' },
        items: names.map((name) => ({ metadata: { name, namespace: 'ns' } })),
      })
    })
    const deleted = await cluster.prune({
      namespace: 'ns',
      labelSelector: 'slipway.dev/app=x',
      types: [Deployments, Secrets],
      keep: (object) => object.metadata.name === 'keep',
    })
    expect(deleted.map((object) => object.metadata.name)).toEqual(['old', 'older'])
    const deletes = server.hits.filter((hit) => hit.method === 'DELETE')
    expect(deletes.map((hit) => JSON.parse(hit.body).propagationPolicy)).toEqual(['Background', 'Background'])
  })

  it('keeps its connections', async () => {
    const { server, cluster } = await setup((response) => json(response, 200, { metadata: {}, items: [] }))
    for (let index = 0; index < 30; index += 1) await cluster.list(Pods)
    expect(server.connections()).toBeLessThanOrEqual(2)
  })
})

describe('logs', () => {
  it('follows lines across chunks, to the end', async () => {
    const { server, cluster } = await setup(async (response) => {
      response.writeHead(200)
      for (const chunk of ['fir', 'st\nsec', 'ond\n', 'rest without end']) {
        response.write(chunk)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      response.end()
    })
    const lines: string[] = []
    const options = { container: 'web', tailLines: 5, timestamps: true, signal: new AbortController().signal }
    for await (const line of cluster.followLog({ namespace: 'ns', name: 'p' }, options)) lines.push(line)
    expect(lines).toEqual(['first', 'second', 'rest without end'])
    expect(server.hits[0]?.url.search).toBe('?container=web&tailLines=5&timestamps=true&follow=true')
  })

  it('throws when the connection is cut and ends quietly when it is aborted', async () => {
    const { server, cluster } = await setup((response) => {
      response.writeHead(200)
      response.write('line\n')
    })
    const follow = async (signal: AbortSignal, onLine: () => void) => {
      for await (const _line of cluster.followLog({ namespace: 'ns', name: 'p' }, { signal })) onLine()
    }
    await expect(follow(new AbortController().signal, () => server.cut())).rejects.toThrow()
    const abort = new AbortController()
    await expect(follow(abort.signal, () => abort.abort())).resolves.toBeUndefined()
  })
})

describe('exec', () => {
  async function execServer(talk: (send: (channel: number, text: string) => void, url: string) => void) {
    const server = new WebSocketServer({
      port: 0,
      host: '127.0.0.1',
      handleProtocols: (offered) => [...offered][0] ?? false,
    })
    await new Promise((resolve) => server.once('listening', resolve))
    server.on('connection', (socket, request) => {
      const send = (channel: number, text: string) =>
        socket.send(Buffer.concat([Buffer.of(channel), Buffer.from(text)]))
      talk(send, request.url ?? '')
      setTimeout(() => socket.close(), 30)
    })
    cleanups.push(() => new Promise((resolve) => server.close(resolve)))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    return connectCluster({
      config: { server: `http://127.0.0.1:${port}`, proxyUrl: null, tls: {}, headers: async () => ({}) },
    })
  }
  async function run(cluster: Awaited<ReturnType<typeof execServer>>) {
    const said = { stdout: '', stderr: '' }
    const command = await cluster.exec({ namespace: 'ns', name: 'p' }, ['sh', '-c', 'exit 3'], {
      ...{ container: 'web', tty: false, stdin: false, output: true },
      onOutput: (stream, data) => {
        said[stream] += data
      },
    })
    return { ...(await command.ended), ...said }
  }

  it('separates output and reads the exit code', async () => {
    const cluster = await execServer((send, url) => {
      const query = new URL(url, 'http://x').searchParams
      expect(query.getAll('command')).toEqual(['sh', '-c', 'exit 3'])
      expect([query.get('stdin'), query.get('stderr'), query.get('tty')]).toEqual(['false', 'true', 'false'])
      send(1, 'out')
      send(2, 'err')
      send(
        3,
        JSON.stringify({
          status: 'Failure',
          reason: 'NonZeroExitCode',
          details: { causes: [{ reason: 'ExitCode', message: '3' }] },
        }),
      )
    })
    expect(await run(cluster)).toEqual({ exitCode: 3, stdout: 'out', stderr: 'err' })
  })

  it('does not take a cut connection for success', async () => {
    const cluster = await execServer((send) => send(1, 'half'))
    await expect(run(cluster)).rejects.toThrow('before the command did')
  })

  it('says what the API server answers in place of a connection', async () => {
    const { cluster } = await setup((response) => json(response, 403, status(403, 'Forbidden', 'no exec here')))
    await expect(run(cluster)).rejects.toMatchObject({ status: 403, message: expect.stringContaining('no exec here') })
  })
})

describe('kubeconfig', () => {
  it('reads servers, tokens and client certificates, and plain HTTP', async () => {
    const { server } = await setup((response) => json(response, 200, { gitVersion: 'v1.36.2' }))
    const dir = await mkdtemp(path.join(tmpdir(), 'kubeconfig-'))
    cleanups.push(() => rm(dir, { recursive: true }))
    const file = path.join(dir, 'config')
    await writeFile(
      file,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'c',
        contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
        clusters: [{ name: 'k', cluster: { server: server.credentials.server } }],
        users: [{ name: 'u', user: { token: 'from-file' } }],
      }),
    )
    const cluster = await connectCluster({ kubeconfigPath: file })
    expect(await cluster.version()).toEqual({ gitVersion: 'v1.36.2' })
    expect(server.hits[0]?.headers.authorization).toBe('Bearer from-file')
    await expect(connectCluster({ kubeconfigPath: path.join(dir, 'none') })).rejects.toThrow(
      /kubeconfig .*none cannot be read/,
    )
  })
})
