import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { eventually, pick, startTestApi, type TestApi } from '../testing/api.ts'

/** What a real API server said of creates: see the README there. */
const folder = new URL('../../../../test-data/answers/', import.meta.url)

const answerSchema = z.object({
  status: z.number(),
  message: z.string().optional(),
  causes: z.unknown().optional(),
  warnings: z.array(z.string()).optional(),
  object: z.record(z.string(), z.unknown()).optional(),
})
type Answer = z.infer<typeof answerSchema>

const fileSchema = z.object({
  labels: z.record(z.string(), z.string()),
  cases: z.array(z.object({ name: z.string(), path: z.string(), body: z.unknown(), answer: answerSchema })).min(1),
})

const suffix = '[bcdfghjklmnpqrstvwxz2456789]'

/** Without what differs from run to run, as the files say it. */
function steady(text: string): string {
  return text
    .replace(/(.)\1{40,}/g, '$1…')
    .replace(/Gen_\w{5}/g, 'Gen_XXXXX')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UID')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME')
    .replace(/\b10\.\d+\.\d+\.\d+\b/g, 'IP')
    .replace(/kube-api-access-\w+/g, 'kube-api-access-x')
    .replace(new RegExp(`-${suffix}{7,10}-${suffix}{5}\\b`, 'g'), '-HASH-XXXXX')
    .replace(new RegExp(`-${suffix}{5}\\b`, 'g'), '-XXXXX')
    .replace(new RegExp(`-${suffix}{8,10}\\b`, 'g'), '-HASH')
}

function steadied(value: unknown): unknown {
  return JSON.parse(steady(JSON.stringify(value)))
}

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
  await api.request('POST', '/apis/storage.k8s.io/v1/storageclasses', {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'slipway.dev/directory',
  })
  await api.request('POST', '/apis/networking.k8s.io/v1/ingressclasses', {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'slipway', annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
    spec: { controller: 'slipway.dev/ingress' },
  })
})
afterAll(() => api.stop())

async function ask(path: string, body: unknown): Promise<Answer> {
  const { status, headers, body: answer } = await api.request('POST', `${path}?dryRun=All`, body)
  const warning = headers.get('warning')
  const warnings = warning === null ? {} : { warnings: readWarnings(warning) }
  if (pick(answer, 'kind') === 'Status') {
    return { status, message: String(pick(answer, 'message')), causes: pick(answer, 'details.causes'), ...warnings }
  }
  const { apiVersion: _v, kind: _k, metadata: _m, status: _s, ...object } = z.looseObject({}).parse(answer)
  return { status, ...warnings, object }
}

/** `299 - "one", 299 - "two"`, as fetch joins the headers. */
function readWarnings(header: string): string[] {
  return [...header.matchAll(/299 - ("(?:[^"\\]|\\.)*")/g)].map(([, quoted]) => String(JSON.parse(quoted ?? '""')))
}

for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
  test(`${name.replace('.json', '')}: as a real API server answers`, async () => {
    const { labels, cases } = fileSchema.parse(JSON.parse(readFileSync(new URL(name, folder), 'utf8')))
    const namespace = `answers-of-${name.replace('.json', '')}`
    await api.request('POST', '/api/v1/namespaces', { metadata: { name: namespace, labels } })
    const account = `/api/v1/namespaces/${namespace}/serviceaccounts/default`
    await eventually(async () => (await api.request('GET', account)).status === 200)
    const placed = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value ?? null).replace(/"NS"|\bNS(?=\/)/g, (found) => found.replace('NS', namespace)))
    for (const { name: what, path, body, answer } of cases) {
      const got = await ask(path.replace('/NS/', `/${namespace}/`), placed(body))
      expect({ what, ...answerSchema.parse(steadied(got)) }).toEqual({
        what,
        ...answerSchema.parse(steadied(placed(answer))),
      })
    }
  })
}
