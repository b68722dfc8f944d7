import type { ServerResponse } from 'node:http'
import type { KubeObject } from '../src/index.ts'
import type { Answer } from './scripted-server.ts'
import { json, status } from './scripted-server.ts'

/**
 * The list and watch of one collection as the API reference describes them: enough of an API server to see what a client
 * makes of every way in which a watch can end.
 */
export class WatchStore {
  readonly objects = new Map<string, KubeObject>()
  readonly #history: { version: number; line: string }[] = []
  readonly #watchers = new Set<ServerResponse>()
  #version = 100
  /** Versions up to this are forgotten: a watch from there is a 410. */
  compactedTo = 0
  /** Answers lists and watches with this until it is null. */
  refusal: { code: number; reason: string } | null = null
  /** Events are stored but not sent: a watch that lost them. */
  muted = false

  answer: Answer = (response, { url }) => {
    if (this.refusal !== null) {
      json(response, this.refusal.code, status(this.refusal.code, this.refusal.reason, 'refused'))
      return
    }
    if (url.searchParams.get('watch') === 'true') this.#watch(response, Number(url.searchParams.get('resourceVersion')))
    else this.#list(response, url)
  }

  put(name: string, spec: unknown = {}, more: Partial<KubeObject['metadata']> = {}): void {
    this.#version += 1
    const type = this.objects.has(name) ? 'MODIFIED' : 'ADDED'
    const metadata = {
      name,
      namespace: 'ns',
      resourceVersion: String(this.#version),
      labels: { app: name.slice(0, 1) },
      ...more,
    }
    const object = { apiVersion: 'v1', kind: 'Pod', metadata, spec }
    this.objects.set(name, object)
    this.#emit(type, object)
  }

  remove(name: string): void {
    const object = this.objects.get(name)
    if (object === undefined) return
    this.#version += 1
    this.objects.delete(name)
    this.#emit('DELETED', { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } })
  }

  bookmark(): void {
    const line = JSON.stringify({
      type: 'BOOKMARK',
      object: { kind: 'Pod', metadata: { resourceVersion: String(this.#version) } },
    })
    for (const watcher of this.#watchers) watcher.write(`${line}\n`)
  }

  /** Sends something to every watch as it is. */
  raw(text: string): void {
    for (const watcher of this.#watchers) watcher.write(text)
  }

  endWatches(): void {
    for (const watcher of this.#watchers) watcher.end()
    this.#watchers.clear()
  }

  get watching(): number {
    return this.#watchers.size
  }

  #emit(type: string, object: KubeObject): void {
    const line = `${JSON.stringify({ type, object })}\n`
    this.#history.push({ version: this.#version, line })
    if (!this.muted) for (const watcher of this.#watchers) watcher.write(line)
  }

  #list(response: ServerResponse, url: URL): void {
    const all = [...this.objects.values()].map(({ metadata, ...rest }) => ({
      ...rest,
      metadata,
      apiVersion: undefined,
      kind: undefined,
    }))
    const start = Number(url.searchParams.get('continue') ?? 0)
    const end = start + Number(url.searchParams.get('limit') ?? all.length)
    const next = end < all.length ? String(end) : undefined
    json(response, 200, {
      kind: 'PodList',
      apiVersion: 'v1',
      metadata: { resourceVersion: String(this.#version), continue: next },
      items: all.slice(start, end),
    })
  }

  #watch(response: ServerResponse, from: number): void {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    if (from < this.compactedTo) {
      response.end(`${JSON.stringify({ type: 'ERROR', object: status(410, 'Expired', 'too old resource version') })}\n`)
      return
    }
    for (const { version, line } of this.#history) if (version > from && !this.muted) response.write(line)
    this.#watchers.add(response)
    response.on('close', () => this.#watchers.delete(response))
  }
}
