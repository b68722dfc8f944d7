import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { eventually, startTestApi, type TestApi } from '../testing/api.ts'
import { RunNames } from '../testing/sequence-answers.ts'

/** What a real API server said to sequences of requests: see the README there. */
const folder = new URL('../../../../test-data/answers-sequences/', import.meta.url)

const stepSchema = z.object({
  name: z.string(),
  method: z.string(),
  path: z.string(),
  /** A language of patches; otherwise the media type itself. Absent: JSON. */
  type: z.string().optional(),
  /** The `Accept` header, where there is one. */
  accept: z.string().optional(),
  /** A text is sent as it is. */
  body: z.unknown().optional(),
  answer: z.record(z.string(), z.unknown()),
})
const fileSchema = z.array(z.object({ name: z.string(), steps: z.array(stepSchema).min(1) })).min(1)

const mediaTypes: Record<string, string> = {
  apply: 'application/apply-patch+yaml',
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
}

let api: TestApi
beforeAll(async () => {
  // Owners are in the order of their times, which have whole seconds: all of it happens within one.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
  api = await startTestApi()
})
afterAll(async () => {
  vi.useRealTimers()
  await api.stop()
})

async function play(
  names: RunNames,
  { method, path, type, accept, body }: z.infer<typeof stepSchema>,
): Promise<unknown> {
  const text = body === undefined ? undefined : names.placed(typeof body === 'string' ? body : JSON.stringify(body))
  const headers = {
    'user-agent': 'curl/8',
    ...(type === undefined ? {} : { 'content-type': mediaTypes[type] ?? type }),
    ...(accept === undefined ? {} : { accept }),
  }
  const answer = await api.request(method, names.placed(path), text, headers)
  const inYaml = answer.headers.get('content-type') === 'application/yaml'
  return names.answer(inYaml ? { ...answer, body: parse(answer.text) } : answer)
}

for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const group = file.replace('.json', '')
  test(`${group}: as a real API server answers`, { timeout: 60_000 }, async () => {
    const sequences = fileSchema.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8')))
    const namespace = `sequences-of-${group}`
    await api.request('POST', '/api/v1/namespaces?fieldManager=curl', { metadata: { name: namespace } })
    const account = `/api/v1/namespaces/${namespace}/serviceaccounts/default`
    await eventually(async () => (await api.request('GET', account)).status === 200)
    for (const { name, steps } of sequences) {
      const names = new RunNames(namespace)
      for (const step of steps) {
        const what = `${name}: ${step.name}`
        expect({ what, answer: await play(names, step) }).toEqual({ what, answer: step.answer })
      }
    }
  })
}
