import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { AppRouter } from '@slipway/platform/api'
import { createTRPCClient, createWSClient, type TRPCClient, wsLink } from '@trpc/client'
import { z } from 'zod'
import { end } from './programs.ts'

/** Something that goes on until it is stopped. */
interface Stream {
  stop(): Promise<void>
}

/** The API over one WebSocket through the public port, as a browser tab has it. */
export function openSocket(url: string, token: string): Stream & { api: TRPCClient<AppRouter> } {
  const headers = { authorization: `Bearer ${token}` }
  class Socket extends WebSocket {
    constructor(address: string | URL) {
      super(address, { headers })
    }
  }
  const client = createWSClient({ url: `${url.replace(/^http/, 'ws')}/trpc`, WebSocket: Socket })
  const api = createTRPCClient<AppRouter>({ links: [wsLink({ client })] })
  return { api, stop: async () => void (await client.close()) }
}

interface Access {
  url: string
  token: string
}

const portsSchema = z.object({ clusterApi: z.number() })

/** Where the installation's own cluster is spoken to, and with which token. */
export async function clusterAccess(stateDir: string): Promise<Access> {
  const ports = portsSchema.parse(JSON.parse(await readFile(path.join(stateDir, 'ports.json'), 'utf8')))
  const token = (await readFile(path.join(stateDir, 'cluster-token'), 'utf8')).trim()
  return { url: `http://127.0.0.1:${ports.clusterApi}`, token }
}

const podEvent = z.object({
  type: z.string(),
  object: z.object({ metadata: z.object({ name: z.string(), deletionTimestamp: z.string().optional() }) }),
})
type PodEvent = z.infer<typeof podEvent>

/** A bare watch of pods: one HTTP request, no cache, nothing in between. */
export async function watchPods(
  access: Access,
  namespace: string,
  onEvent: (event: PodEvent) => void,
): Promise<Stream> {
  const abort = new AbortController()
  const response = await fetch(`${access.url}/api/v1/namespaces/${namespace}/pods?watch=1`, {
    headers: { authorization: `Bearer ${access.token}` },
    signal: abort.signal,
  })
  if (response.body === null || response.status !== 200) throw new Error(`the watch answered ${response.status}`)
  const reading = readLines(response.body, (line) => onEvent(podEvent.parse(JSON.parse(line)))).catch((error) => {
    if (!abort.signal.aborted) throw error
  })
  return {
    async stop() {
      abort.abort()
      await reading
    },
  }
}

/** The pod's uid, by which its files are named. */
export async function podUid(access: Access, namespace: string, name: string): Promise<string> {
  const response = await fetch(`${access.url}/api/v1/namespaces/${namespace}/pods/${name}`, {
    headers: { authorization: `Bearer ${access.token}` },
  })
  return z.object({ metadata: z.object({ uid: z.string() }) }).parse(await response.json()).metadata.uid
}

/** Calls with every line of a byte stream, without its end. */
export async function readLines(body: ReadableStream<Uint8Array>, onLine: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') onLine(line)
  }
}

/** `tail -F` of a file from its end on. Resolves once tail reads it. */
export async function tailFile(file: string, onLine: (line: string) => void): Promise<Stream> {
  const child = spawn('tail', ['-n', '1', '-F', file], { stdio: ['ignore', 'pipe', 'ignore'] })
  const lines = createInterface({ input: child.stdout })
  lines.on('line', onLine)
  await once(lines, 'line', { signal: AbortSignal.timeout(30_000) })
  return { stop: () => end(child) }
}
