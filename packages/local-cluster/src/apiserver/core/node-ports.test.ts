import { expect, test } from 'vitest'
import { pick, startTestApi, type TestApi } from '../../testing/api.ts'

const path = '/api/v1/namespaces/default/services'

const service = (name: string, spec: Record<string, unknown> = {}) => ({
  metadata: { name },
  spec: { type: 'NodePort', ports: [{ port: 80 }], ...spec },
})

async function withApi(nodePorts: { first: number; last: number }, work: (api: TestApi) => Promise<void>) {
  const api = await startTestApi({ nodePorts })
  try {
    await work(api)
  } finally {
    await api.stop()
  }
}

test('ports of the node are given once, kept over restarts, and free again with their Service', async () => {
  const nodePorts = { first: 30_100, last: 30_102 }
  const api = await startTestApi({ nodePorts, keepDir: true })
  const given = new Set<unknown>()
  for (const name of ['a', 'b', 'c']) {
    given.add(pick((await api.request('POST', path, service(name))).body, 'spec.ports.0.nodePort'))
  }
  expect([...given].sort()).toEqual([30_100, 30_101, 30_102])
  await api.stop()
  const again = await startTestApi({ nodePorts, dir: api.dir })
  try {
    const full = await again.request('POST', path, service('d'))
    expect([full.status, pick(full.body, 'message')]).toEqual([500, 'failed to allocate a nodePort: range is full'])
    const freed = pick((await again.request('DELETE', `${path}/b`)).body, 'spec.ports.0.nodePort')
    expect(pick((await again.request('POST', path, service('d'))).body, 'spec.ports.0.nodePort')).toBe(freed)
  } finally {
    await again.stop()
  }
})

test('a write that is refused takes no ports, and a dry run neither', async () => {
  await withApi({ first: 30_100, last: 30_101 }, async (api) => {
    const ports = [
      { name: 'a', port: 80 },
      { name: 'b', port: 81, nodePort: 1 },
    ]
    expect((await api.request('POST', path, service('wrong', { ports }))).status).toBe(422)
    expect((await api.request('POST', `${path}?dryRun=All`, service('dry'))).status).toBe(201)
    for (const name of ['a', 'b']) expect((await api.request('POST', path, service(name))).status).toBe(201)
  })
})

test('many at once get a port each', async () => {
  await withApi({ first: 30_000, last: 30_099 }, async (api) => {
    const names = Array.from({ length: 100 }, (_, index) => `many-${index}`)
    const answers = await Promise.all(names.map((name) => api.request('POST', path, service(name))))
    expect(new Set(answers.map(({ body }) => pick(body, 'spec.ports.0.nodePort'))).size).toBe(100)
  })
})
