import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { AppRef } from '@slipway/domain'
import { Agent, request } from 'undici'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../packages/db/src/embedded/index.ts'
import { loadCredentials } from '../../packages/kube/src/credentials.ts'
import { namespaceOf, workloadName } from '../../packages/manifests/src/names.ts'
import { ADMIN, type Api, type AppAnswer, apiWith, fetchApp, tokenFor } from './api.ts'
import { type GitResult, type Repository, withToken } from './git.ts'
import { type Installation, startInstallation, until } from './installation.ts'

/**
 * Where the journey runs: an installation on the embedded default, or, with SLIPWAY_E2E_TARGET=cluster, the same code on
 * the cluster of KUBECONFIG. Teams get a name of their own, so nothing that was there before is touched.
 * The suite's own requests go out with SLIPWAY_E2E_KUBECONFIG where it is set: asking an app through the API server needs more rights
 * than the platform has.
 */
export interface Target {
  kind: 'local' | 'cluster'
  installation: Installation
  api: Api
  token: string
  refOf(app: string): AppRef
  push(app: string, repository: Repository, ...options: string[]): Promise<GitResult>
  /** One request to an app's web process: by its address, or through the API server where apps have none. */
  fetch(app: string, path?: string): Promise<AppAnswer>
  /** Deletes the project and waits until its namespaces are gone; answers what is left of it in the cluster. */
  clear(): Promise<string[]>
  /** Ends the installation, and removes what it has made on a cluster where `clear` has not. */
  close(): Promise<void>
}

export const IS_CLUSTER = process.env.SLIPWAY_E2E_TARGET === 'cluster'

/** Settings of the installation under test: all of Slipway's own that the caller has set. */
const settings = () =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && /^(SLIPWAY_(?!E2E_|PORT$|STATE_DIR$)|KUBECONFIG$|DATABASE_URL$)/.test(entry[0]),
    ),
  )

interface ClusterApi {
  get(path: string): Promise<AppAnswer>
  delete(path: string): Promise<void>
  close(): Promise<void>
}

async function clusterApi(kubeconfig: string): Promise<ClusterApi> {
  const credentials = await loadCredentials(kubeconfig)
  const dispatcher = new Agent({ connect: credentials.tls })
  const send = async (method: 'GET' | 'DELETE', path: string): Promise<AppAnswer> => {
    const url = new URL(path, credentials.server)
    const response = await request(url, { dispatcher, method, headers: await credentials.headers() })
    return { status: response.statusCode, headers: response.headers, body: await response.body.text() }
  }
  return {
    get: (path) => send('GET', path),
    async delete(path) {
      await send('DELETE', path)
    },
    close: () => dispatcher.close(),
  }
}

/** Starts the installation with one account, and a team and project of its own. */
export async function openTarget(): Promise<Target> {
  const kubeconfig = process.env.KUBECONFIG
  if (IS_CLUSTER && !kubeconfig) throw new Error('Set KUBECONFIG to the cluster under test.')
  const databaseDir = mkdtempSync(path.join(tmpdir(), 'slipway-journey-db-'))
  let postgres: EmbeddedPostgres | null = null
  if (IS_CLUSTER && !process.env.DATABASE_URL) postgres = await startEmbeddedPostgres({ dir: databaseDir })
  const id = `e2e${Date.now().toString(36)}`
  const installation = await startInstallation({
    env: {
      ...(IS_CLUSTER ? { SLIPWAY_INSTALLATION: id } : {}),
      SLIPWAY_ADMIN_EMAIL: ADMIN.email,
      SLIPWAY_ADMIN_PASSWORD: ADMIN.password,
      ...(IS_CLUSTER ? settings() : {}),
      ...(postgres ? { DATABASE_URL: postgres.url } : {}),
    },
  })
  const { url, port } = installation
  const token = await tokenFor(url)
  const api = apiWith(url, token)
  const place = { team: id, project: 'shop', environment: 'production' }
  await api.team.create.mutate({ team: place.team, name: 'Journey' })
  await api.project.create.mutate({ team: place.team, project: place.project, name: 'Shop' })
  const cluster = IS_CLUSTER ? await clusterApi(process.env.SLIPWAY_E2E_KUBECONFIG ?? kubeconfig ?? '') : null
  const refOf = (app: string) => ({ ...place, app })
  const namespace = namespaceOf(place.team, place.project, place.environment)
  const clear = async () => {
    for (const { ref } of await api.app.list.query({ team: place.team }))
      await api.app.delete.mutate({ ...ref, confirm: ref.app })
    await api.project.delete.mutate({ team: place.team, project: place.project, confirm: place.project })
    if (cluster === null) return []
    const left = async () => {
      const { body } = await cluster.get(`/api/v1/namespaces?labelSelector=slipway.dev/installation%3D${id}`)
      const { items }: { items: { metadata: { name: string } }[] } = JSON.parse(body)
      return items.map(({ metadata }) => metadata.name)
    }
    await until('the environment to go', async () => !(await left()).includes(namespace), 120_000)
    // Those of builds stay as long as the installation does, which ends here.
    for (const name of await left()) await cluster.delete(`/api/v1/namespaces/${name}`)
    await until('the namespaces to go', async () => (await left()).length === 0, 180_000).catch(() => undefined)
    return left()
  }
  let isClear = cluster === null
  return {
    kind: cluster ? 'cluster' : 'local',
    installation,
    api,
    token,
    refOf,
    push: (app, repository, ...options) => {
      const address = withToken(`${url}/git/${place.team}/${place.project}/${place.environment}/${app}.git`, token)
      return repository.git('push', ...options, address, 'HEAD')
    },
    fetch: async (app, path = '/') => {
      if (cluster === null) {
        const { url: address } = await api.app.get.query(refOf(app))
        return fetchApp(address ?? `http://${app}.shop-production.localhost:${port}`, path)
      }
      return cluster.get(`/api/v1/namespaces/${namespace}/services/${workloadName(app, 'web')}:http/proxy${path}`)
    },
    async clear() {
      isClear = true
      return clear()
    },
    async close() {
      // A run that failed leaves nothing on somebody's cluster either.
      if (!isClear) await clear().catch((error) => console.error(`Not everything could be removed: ${error}`))
      await cluster?.close()
      await installation.remove()
      await postgres?.stop()
      rmSync(databaseDir, { recursive: true, force: true })
    },
  }
}
