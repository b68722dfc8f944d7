import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { KubeletEndpoints, PodLogOptions } from '../../types/client.ts'
import { ApiError, badRequest, type FieldError, invalid } from '../../types/errors.ts'
import { objectList, optionalObject, stringOf } from '../../types/json.ts'
import type { KubernetesObject } from '../../types/objects.ts'
import { asJson } from '../core/decode-body.ts'
import { forbiddenField, invalidValue, notNegativeMessage } from '../validation/fields.ts'
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
    // A pod that is not on a node has no log yet.
    response.writeHead(204)
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
  if (sinceTime !== '' && (!/^\d{4}-/.test(sinceTime) || Number.isNaN(Date.parse(sinceTime)))) {
    const layout = '2006-01-02T15:04:05Z07:00'
    throw badRequest(`parsing time "${sinceTime}" as "${layout}": cannot parse "${sinceTime}" as "2006"`)
  }
  if (sinceSeconds !== undefined && sinceTime !== '') {
    errors.push(forbiddenField('[]', 'at most one of `sinceTime` or `sinceSeconds` may be specified'))
  }
  if (query.has('stream')) errors.push(forbiddenField('stream', 'may not be specified'))
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

/** The container a request means: the named one, or the only one. Reference: pkg/registry/core/pod.validateContainer. */
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
  const [only, ...others] = containers
  if (only !== undefined && others.length === 0) return only
  const choices =
    containers.length === 0 ? '' : `, choose one of: [${[...init, ...containers, ...ephemeral].join(' ')}]`
  throw badRequest(`a container name must be specified for pod ${name}${choices}`)
}
