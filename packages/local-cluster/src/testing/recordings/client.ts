import type { Json, KubernetesObject } from '../../types/objects.ts'

export interface Answer {
  status: number
  contentType: string
  body: Json
}

/** Where the cluster is that is played against. */
export interface Target {
  /** `http://127.0.0.1:PORT`. */
  url: string
  token: string
}

/** One request, answered. A body in JSON is parsed; of a watch, its first event. */
export async function send(
  target: Target,
  method: string,
  path: string,
  body?: string | undefined,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(target.url + path, {
    method,
    headers: { authorization: `Bearer ${target.token}`, ...headers },
    ...(body === undefined ? {} : { body }),
  })
  const contentType = response.headers.get('content-type') ?? ''
  const text = await response.text()
  return { status: response.status, contentType, body: contentType.includes('json') ? parseFirst(text) : text }
}

function parseFirst(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    return JSON.parse(text.split('\n')[0] || 'null')
  }
}

export interface Watched {
  type: string
  object: KubernetesObject
}

/** Watches one collection from now on, beginning with what there is. Ends with `signal`. */
export async function watch(
  target: Target,
  path: string,
  signal: AbortSignal,
  onEvent: (event: Watched) => void,
): Promise<void> {
  const query = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
  const response = await fetch(`${target.url}${path}${path.includes('?') ? '&' : '?'}${query}`, {
    headers: { authorization: `Bearer ${target.token}` },
    signal,
  })
  if (response.status !== 200 || response.body === null) throw new Error(`watch of ${path}: ${await response.text()}`)
  void read(response.body, onEvent).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}

async function read(body: ReadableStream<Uint8Array>, onEvent: (event: Watched) => void): Promise<void> {
  let rest = ''
  const decoder = new TextDecoder()
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const event: Watched = JSON.parse(line)
      if (event.type !== 'BOOKMARK') onEvent(event)
    }
  }
}
