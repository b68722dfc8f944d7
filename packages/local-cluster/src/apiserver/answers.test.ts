import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { warningsOf, withoutSuffixes } from '../testing/answers.ts'
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

function steadied(value: unknown): unknown {
  return JSON.parse(withoutSuffixes(JSON.stringify(value)))
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
  const texts = warningsOf(headers)
  const warnings = texts.length === 0 ? {} : { warnings: texts }
  if (pick(answer, 'kind') === 'Status') {
    return { status, message: String(pick(answer, 'message')), causes: pick(answer, 'details.causes'), ...warnings }
  }
  const { apiVersion: _v, kind: _k, metadata: _m, status: _s, ...object } = z.looseObject({}).parse(answer)
  return { status, ...warnings, object }
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
