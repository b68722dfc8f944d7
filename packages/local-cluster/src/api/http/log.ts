import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { KubeletEndpoints, PodLogOptions } from '../client.ts'
import { asJson } from '../core/decode-body.ts'
import { ApiError, badRequest, type FieldError, invalid } from '../errors.ts'
import { objectList, optionalObject, stringMap, stringOf } from '../kinds/json.ts'
import type { KubernetesObject } from '../objects.ts'
import { invalidValue, notNegativeMessage } from '../validation/fields.ts'
import { flag } from './request-info.ts'

/** GET pods/NAME/log. Reference: pkg/registry/core/pod/strategy.LogLocation. */
export async function serveLog(
  pod: KubernetesObject,
  kubelet: KubeletEndpoints | null,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const options = logOptions(pod, query)
  const node = nodeOf(pod)
  if (node === '') {
    // A pod that is not on a node has no log yet: an empty answer, as from the real server.
    response.writeHead(200, { 'content-type': 'text/plain' })
    response.end()
    return
  }
  const endpoints = requireKubelet(kubelet, node)
  const abort = new AbortController()
  response.once('close', () => abort.abort())
  request.once('aborted', () => abort.abort())
  for await (const chunk of endpoints.readLog(pod, options, abort.signal)) {
    if (!response.headersSent) startText(response)
    if (!response.write(chunk)) await Promise.race([once(response, 'drain'), once(response, 'close')])
    if (abort.signal.aborted) return
  }
  if (!response.headersSent) startText(response)
  response.end()
}

function startText(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'no-cache, private' })
  response.flushHeaders()
}

export function nodeOf(pod: KubernetesObject): string {
  return stringOf(optionalObject(asJson(pod), 'spec'), 'nodeName')
}

export function requireKubelet(kubelet: KubeletEndpoints | null, node: string): KubeletEndpoints {
  if (kubelet !== null) return kubelet
  const why = `the node agent of ${node} is not running: logs and commands are available once it is`
  throw new ApiError(503, 'ServiceUnavailable', why, { retryAfterSeconds: 1 })
}

function logOptions(pod: KubernetesObject, query: URLSearchParams): PodLogOptions {
  const errors: FieldError[] = []
  const number = (name: string, least: number, why: string): number | undefined => {
    const text = query.get(name) ?? ''
    if (text === '') return undefined
    const value = Number(text)
    if (!Number.isSafeInteger(value)) throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`)
    if (value < least) errors.push(invalidValue(name, value, why))
    return value
  }
  const tailLines = number('tailLines', 0, notNegativeMessage)
  const limitBytes = number('limitBytes', 1, 'must be greater than 0')
  const sinceSeconds = number('sinceSeconds', 1, 'must be greater than 0')
  const sinceTime = query.get('sinceTime') ?? ''
  if (sinceTime !== '' && Number.isNaN(Date.parse(sinceTime)))
    throw badRequest(`parsing time "${sinceTime}": not RFC 3339`)
  if (sinceSeconds !== undefined && sinceTime !== '') {
    errors.push({
      reason: 'FieldValueForbidden',
      field: '[]',
      message: 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified',
    })
  }
  if (query.has('stream')) {
    // Behind a feature that 1.36 has off.
    errors.push({ reason: 'FieldValueForbidden', field: 'stream', message: 'Forbidden: may not be specified' })
  }
  if (errors.length > 0) throw invalid({ apiVersion: 'v1', kind: 'PodLogOptions' }, pod.metadata.name, errors)
  const out: PodLogOptions = {
    container: chooseContainer(pod, query.get('container') ?? ''),
    follow: flag(query, 'follow'),
    previous: flag(query, 'previous'),
    timestamps: flag(query, 'timestamps'),
  }
  if (tailLines !== undefined) out.tailLines = tailLines
  if (limitBytes !== undefined) out.limitBytes = limitBytes
  if (sinceTime !== '') out.sinceTime = sinceTime
  else if (sinceSeconds !== undefined) out.sinceTime = new Date(Date.now() - sinceSeconds * 1000).toISOString()
  return out
}

/** The container a request means: the named one, or the only one. */
export function chooseContainer(pod: KubernetesObject, wanted: string): string {
  const json = asJson(pod)
  const spec = optionalObject(json, 'spec')
  const names = (key: string) => objectList(spec, key).map((container) => stringOf(container, 'name'))
  const [containers, init, ephemeral] = [names('containers'), names('initContainers'), names('ephemeralContainers')]
  const { name } = pod.metadata
  if (wanted !== '') {
    if ([...containers, ...init, ...ephemeral].includes(wanted)) return wanted
    throw badRequest(`container ${wanted} is not valid for pod ${name}`)
  }
  const annotations = stringMap(optionalObject(json, 'metadata'), 'annotations')
  const preferred = annotations['kubectl.kubernetes.io/default-container']
  if (preferred !== undefined && containers.includes(preferred)) return preferred
  const [only] = containers
  if (only !== undefined && containers.length === 1) return only
  const choices = `a container name must be specified for pod ${name}, choose one of: [${containers.join(' ')}]`
  const more = [
    init.length === 0 ? '' : ` or one of the init containers: [${init.join(' ')}]`,
    ephemeral.length === 0 ? '' : ` or one of the ephemeral containers: [${ephemeral.join(' ')}]`,
  ]
  throw badRequest(choices + more.join(''))
}
