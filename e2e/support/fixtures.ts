import { readFileSync } from 'node:fs'
import path from 'node:path'
import { type BrowserContextOptions, test as base } from '@playwright/test'
import type { AppRef, EnvironmentRef } from '@slipway/domain'
import { ADMIN, type Api, type AppAnswer, apiWith, createShop, fetchApp, tokenFor, untilHealthy } from './api.ts'
import { createRepository, type GitResult, type Repository, withToken } from './git.ts'
import { type Installation, startInstallation, until } from './installation.ts'
import { logIn } from './pages.ts'

/** The environment in which the specs of one worker make their apps. */
const SHOP = { team: 'acme', project: 'shop', environment: 'production' } as const

export const refOf = (app: string, place: EnvironmentRef = SHOP): AppRef => ({ ...place, app })
export const pathOf = (app: string, page?: string, { team, project, environment }: EnvironmentRef = SHOP) =>
  `/${team}/${project}/${environment}/${app}${page ? `/${page}` : ''}`

/** One installation for all specs of a worker, with Ada's account, her team and its project. */
export interface Slipway {
  installation: Installation
  url: string
  token: string
  api: Api
  /** Where the app answers. */
  addressOf(app: string): string
  /** One request to the app. */
  fetch(app: string, path?: string): Promise<AppAnswer>
  /** Makes an app for code, and a repository of these files that has not been pushed. */
  newApp(app: string, files: Readonly<Record<string, string>>, place?: EnvironmentRef): Promise<Repository>
  push(app: string, repository: Repository, refspec?: string, place?: EnvironmentRef): Promise<GitResult>
  /** Pushes without waiting for the rollout. */
  release(app: string, repository: Repository): Promise<GitResult>
  /** An app of these files that has been pushed and answers. */
  deploy(app: string, files: Readonly<Record<string, string>>, place?: EnvironmentRef): Promise<Repository>
  /** Deletes every app: each spec begins with room on a small machine. */
  clear(): Promise<void>
}

type Session = Exclude<BrowserContextOptions['storageState'], string | undefined>

async function installShop(): Promise<Slipway> {
  const installation = await startInstallation({
    env: { SLIPWAY_ADMIN_EMAIL: ADMIN.email, SLIPWAY_ADMIN_PASSWORD: ADMIN.password },
  })
  const { url, port } = installation
  const token = await tokenFor(url)
  const api = apiWith(url, token)
  await createShop(api, SHOP.team)
  const addressOf = (app: string) => `http://${app}.shop-production.localhost:${port}`
  const newApp: Slipway['newApp'] = async (app, files, place) => {
    await api.app.create.mutate({ ...refOf(app, place), source: { kind: 'git' } })
    return createRepository({ ...files })
  }
  const push: Slipway['push'] = (app, repository, refspec, place) =>
    repository.push(withToken(`${url}/git${pathOf(app, undefined, place)}.git`, token), refspec)
  const release: Slipway['release'] = (app, repository) =>
    repository.push(withToken(`${url}/git${pathOf(app)}.git`, token), undefined, '--push-option=no-wait')
  return {
    installation,
    url,
    token,
    api,
    addressOf,
    release,
    fetch: (app, path) => fetchApp(addressOf(app), path),
    newApp,
    push,
    async deploy(app, files, place) {
      const repository = await newApp(app, files, place)
      const { code, output } = await push(app, repository, undefined, place)
      if (code !== 0) throw new Error(output)
      await untilHealthy(api, refOf(app, place))
      return repository
    },
    async clear() {
      const apps = await api.app.list.query({})
      for (const { ref } of apps) await api.app.delete.mutate({ ...ref, confirm: ref.app })
      await until('all apps to be gone', async () => (await api.app.list.query({})).length === 0)
    },
  }
}

const LOG_TAIL_BYTES = 30_000

/** What the parts printed last, for the report of a failed test. */
function tailOf(installation: Installation, part: string): string {
  return readFileSync(path.join(installation.stateDir, 'logs', `${part}.log`), 'utf8').slice(-LOG_TAIL_BYTES)
}

/** `page` is signed in as Ada, on an installation that the specs of the worker share. */
export const test = base.extend<{ evidence: undefined }, { slipway: Slipway; session: Session }>({
  slipway: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of a fixture's needs from its parameter
    async ({}, use) => {
      const slipway = await installShop()
      await use(slipway)
      await slipway.installation.remove()
    },
    { scope: 'worker', timeout: 240_000 },
  ],
  session: [
    async ({ browser, slipway }, use) => {
      const page = await browser.newPage({ baseURL: slipway.url })
      await page.goto('/login')
      await logIn(page, ADMIN)
      await page.waitForURL(slipway.url)
      const session = await page.context().storageState()
      await page.context().close()
      await use(session)
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ slipway }, use) => use(slipway.url),
  storageState: async ({ session }, use) => use(session),
  evidence: [
    async ({ slipway }, use, info) => {
      await use(undefined)
      if (info.status === info.expectedStatus) return
      await info.attach('launcher', { body: slipway.installation.output() })
      for (const part of ['platform', 'local-cluster', 'console'])
        await info.attach(part, { body: tailOf(slipway.installation, part) })
    },
    { auto: true },
  ],
})
