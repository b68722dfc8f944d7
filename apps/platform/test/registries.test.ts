import { type Cluster, connectCluster, Secrets, ServiceAccounts } from '@slipway/kube'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { startTestPlatform, type TestPlatform } from '../src/testing/start.ts'
import { waitFor } from '../src/testing/wait.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 })

let platform: TestPlatform
let cluster: Cluster
const namespace = 'slipway-acme-shop-production'

beforeAll(async () => {
  // The registry of builds asks nobody for credentials, so the team's are the only ones.
  platform = await startTestPlatform({ settings: { registryTokenKey: null } })
  cluster = await connectCluster({ kubeconfigPath: platform.kubeconfigPath })
})
afterAll(async () => {
  await cluster?.close()
  await platform?.stop()
})

const accountSchema = z.object({ imagePullSecrets: z.array(z.object({ name: z.string() })).default([]) })
const secretSchema = z.object({ type: z.string(), data: z.object({ '.dockerconfigjson': z.string() }) })

const secret = () => cluster.get({ ...Secrets, namespace, name: 'slipway-pull' })
async function attached(): Promise<string[]> {
  const account = await cluster.get({ ...ServiceAccounts, namespace, name: 'default' })
  return accountSchema.parse(account ?? {}).imagePullSecrets.map(({ name }) => name)
}
async function auths(): Promise<Record<string, { username: string; password: string }>> {
  const { type, data } = secretSchema.parse(await secret())
  expect(type).toBe('kubernetes.io/dockerconfigjson')
  return JSON.parse(Buffer.from(data['.dockerconfigjson'], 'base64').toString()).auths
}

test('credentials of a team are a pull secret of each environment, on its service account, and go with the last', async () => {
  const { registry } = platform.api()
  await registry.set.mutate({ team: 'acme', host: 'ghcr.io', username: 'octo', password: 'one' })
  await waitFor('the service account to have the pull secret', async () => (await attached()).length === 1)
  expect(await auths()).toMatchObject({ 'ghcr.io': { username: 'octo', password: 'one' } })

  await registry.set.mutate({ team: 'acme', host: 'ghcr.io', username: 'octo', password: 'two' })
  await registry.set.mutate({ team: 'acme', host: 'docker.io', username: 'acme', password: 'hub' })
  await waitFor('both registries in the secret', async () => Object.keys(await auths()).length === 2)
  expect(await auths()).toMatchObject({ 'ghcr.io': { password: 'two' }, 'https://index.docker.io/v1/': {} })

  await registry.remove.mutate({ team: 'acme', host: 'ghcr.io' })
  await registry.remove.mutate({ team: 'acme', host: 'docker.io' })
  await waitFor('the secret to be gone', async () => (await secret()) === null)
  expect(await attached()).toEqual([])
})
