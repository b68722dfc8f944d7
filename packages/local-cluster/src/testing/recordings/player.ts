import { setTimeout as sleep } from 'node:timers/promises'
import type { Json, JsonObject, KubernetesObject } from '../../types/objects.ts'
import { answerDifferences } from './answers.ts'
import { type Answer, send, type Target, watch } from './client.ts'
import { momentsOf } from './moments.ts'
import { Names } from './names.ts'
import { Pairs } from './pairs.ts'
import { type Exchange, isObject, keepsManagedFields, objectsOf, type Recording } from './recording.ts'
import { Stage } from './stage.ts'
import type { World } from './world.ts'

/** How long a read is repeated until it answers as recorded, and how often. */
const readPatienceMs = 10_000
const readEveryMs = 250

export interface Played {
  answers: { exchange: Exchange; differences: string[] }[]
  stage: Stage
  names: { recorded: Names; ours: Names }
  /** Requests that were sent although the cluster had not come as far: what leads to differences elsewhere. */
  notes: string[]
}

/** Plays one recording against a running cluster: sends each request when the cluster has come as far as the recorded one had. */
export async function play(target: Target, recording: Recording, world: World): Promise<Played> {
  const managed = keepsManagedFields(recording)
  const names = { recorded: new Names(managed), ours: new Names(managed) }
  for (const object of objectsOf(recording)) names.recorded.learn(object)
  for (const { response } of recording.exchanges) names.recorded.learnTable(response.body)
  const stage = new Stage(recording, names)
  const pairs = new Pairs(recording, names)
  const stop = new AbortController()
  try {
    await prepare(target, world)
    const paths = await watchPaths(target, recording)
    await Promise.all(
      paths.map(([resource, path]) => watch(target, path, stop.signal, (event) => stage.see(resource, event))),
    )
    const answers: Played['answers'] = []
    const moments = momentsOf(recording)
    const notes: string[] = []
    for (const [at, exchange] of recording.exchanges.entries()) {
      const moment = moments[at]
      const late = moment === undefined ? null : await stage.reach(moment)
      if (late !== null) notes.push(`before ${exchange.request.method} ${exchange.request.path}: ${late}`)
      answers.push({
        exchange,
        differences: await sendUntilAlike(target, exchange, stage, {
          pairs,
          names,
          steps: stepsOf(recording, exchange),
        }),
      })
    }
    if (Object.keys(recording.watch).length > 0) await stage.reachEnd()
    return { answers, stage, names, notes }
  } finally {
    stop.abort()
  }
}

async function prepare(target: Target, world: World): Promise<void> {
  for (const object of [...world.namespaces, ...world.objects]) {
    const path = collectionPath(object)
    const answer = await send(target, 'POST', path, JSON.stringify(object), { 'content-type': 'application/json' })
    if (answer.status !== 201 && answer.status !== 409) {
      throw new Error(`${object.kind} ${object.metadata.name} cannot be provided: ${JSON.stringify(answer.body)}`)
    }
  }
  for (const object of world.objects) {
    const path = `${collectionPath(object)}/${object.metadata.name}`
    const deadline = Date.now() + readPatienceMs
    while (Date.now() < deadline && !isAvailable((await send(target, 'GET', path)).body)) await sleep(readEveryMs)
  }
}

function isAvailable(body: Json): boolean {
  if (!isObject(body)) return false
  const { spec, status } = body as KubernetesObject & { spec?: JsonObject; status?: JsonObject }
  return status?.availableReplicas === spec?.replicas
}

function collectionPath({ apiVersion, kind, metadata }: KubernetesObject): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const within = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`
  return `${root}${within}/${kind.toLowerCase()}s`
}

/** Where the recorded resources are served: what was recorded of a namespace is watched in it, the rest by name. */
async function watchPaths(target: Target, recording: Recording): Promise<[resource: string, path: string][]> {
  const served = await servedResources(target)
  return Object.entries(recording.watch).map(([resource, events]) => {
    const object = events[0]?.object
    const found = served.filter(({ name }) => name === resource)
    const { root, namespaced } = found.find((one) => one.root.endsWith(`/${object?.apiVersion}`)) ?? found[0] ?? {}
    if (root === undefined) throw new Error(`${resource} are not served`)
    if (namespaced) {
      const namespace = object?.metadata.namespace ?? recording.namespace
      return [resource, `${root}/namespaces/${namespace}/${resource}`]
    }
    return [resource, `${root}/${resource}?fieldSelector=metadata.name%3D${object?.metadata.name ?? ''}`]
  })
}

interface Served {
  root: string
  name: string
  namespaced: boolean
}

async function servedResources(target: Target): Promise<Served[]> {
  const { body } = await send(target, 'GET', '/apis')
  const groups = (body as unknown as { groups: { versions: { groupVersion: string }[] }[] }).groups
  const roots = [
    '/api/v1',
    ...groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => `/apis/${groupVersion}`)),
  ]
  const lists = await Promise.all(roots.map(async (root) => ({ root, list: (await send(target, 'GET', root)).body })))
  return lists.flatMap(({ root, list }) =>
    (list as unknown as { resources: Omit<Served, 'root'>[] }).resources.map(({ name, namespaced }) => ({
      root,
      name,
      namespaced,
    })),
  )
}

/** What was seen of the object that a request is about, as a whole: requests on subresources answer with something else. */
function stepsOf({ watch }: Recording, { request, response }: Exchange): KubernetesObject[] {
  const { body } = response
  if (!isObject(body) || request.path.split('?')[0]?.endsWith(`/${body.metadata.name}`) === false) return []
  const seen = Object.values(watch).flatMap((events) => events.map(({ object }) => object))
  return seen.filter(({ metadata }) => metadata.uid !== undefined && metadata.uid === body.metadata.uid)
}

function learn(names: Names, body: Json): void {
  if (isObject(body)) names.learn(body)
  names.learnTable(body)
}

/** Sends the request; a read is sent again until its answer is as recorded, as long as patience lasts. */
async function sendUntilAlike(
  target: Target,
  exchange: Exchange,
  stage: Stage,
  { pairs, names, steps }: { pairs: Pairs; names: Played['names']; steps: KubernetesObject[] },
): Promise<string[]> {
  const deadline = Date.now() + (exchange.request.method === 'GET' ? readPatienceMs : 0)
  for (;;) {
    const answer = await sendExchange(target, exchange, stage, pairs)
    learn(names.ours, answer.body)
    const found = answerDifferences(exchange, answer, names, steps)
    if (found.length === 0 || Date.now() >= deadline) {
      pairs.answered(exchange.response.body, answer.body)
      return found
    }
    await sleep(readEveryMs)
  }
}

function sendExchange(target: Target, exchange: Exchange, stage: Stage, pairs: Pairs): Promise<Answer> {
  const { method, path, contentType } = exchange.request
  const text = bodyText(exchange)
  const current = stage.current()
  const headers: Record<string, string> = { accept: accepted(exchange), ...credentials(exchange, target) }
  if (contentType !== undefined) headers['content-type'] = contentType
  const body = text === undefined ? undefined : pairs.translate(text, current)
  return send(target, method, pairs.translate(path, current), body, headers)
}

/** A body that the recording describes instead of showing it, or the body itself. */
function bodyText({ request, response }: Exchange): string | undefined {
  const { body } = request
  if (body === undefined || body === null) return undefined
  if (typeof body !== 'string') return JSON.stringify(body)
  const described = /^<an? (\w+) with ([\d,]+) bytes of data>$/.exec(body)
  if (described === null) return body
  const [, kind, bytes = ''] = described
  const details = typeof response.body === 'object' ? Reflect.get(response.body ?? {}, 'details') : undefined
  const name: unknown = Reflect.get(details ?? {}, 'name')
  return JSON.stringify({
    apiVersion: 'v1',
    kind,
    metadata: { name },
    data: { a: 'x'.repeat(Number(bytes.replaceAll(',', ''))) },
  })
}

/** The recorded answer shows what was asked for. */
function accepted({ response }: Exchange): string {
  const kind = isTree(response.body) ? response.body.kind : undefined
  const as =
    kind === 'Table' || String(kind).startsWith('PartialObjectMetadata') ? `;as=${kind};v=v1;g=meta.k8s.io` : ''
  return `${response.contentType?.includes('yaml') ? 'application/yaml' : 'application/json'}${as}`
}

function credentials({ response }: Exchange, target: Target): Record<string, string> {
  const text = JSON.stringify(response.body ?? '')
  if (response.status === 401) return { authorization: 'Bearer none' }
  return text.includes('system:anonymous') ? { authorization: '' } : { authorization: `Bearer ${target.token}` }
}

function isTree(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
