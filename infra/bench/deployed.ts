import path from 'node:path'
import type { AppRef } from '@slipway/domain'
import { ADMIN, type Api, apiWith, createShop, fetchApp, tokenFor, untilHealthy } from '../../e2e/support/api.ts'
import { createRepository, type Repository, withToken } from '../../e2e/support/git.ts'
import { type Installation, startInstallation } from '../../e2e/support/installation.ts'
import { leftover } from './leftovers.ts'

/** A whole installation with one app, which has been pushed once. */
export interface Deployed {
  installation: Installation
  api: Api
  token: string
  ref: AppRef
  repository: Repository
  /** Time of the first push until the app's first 200, package caches empty. */
  firstPushMs: number
  appUrl: string
  /** Pushes a new version; resolves to the time until it answers. */
  push(): Promise<number>
  remove(): Promise<void>
}

/** Reads the images that were made. */
export const REGISTRY_ACCOUNT = { username: 'bench', password: 'the password of the benchmarks' }
const POLL_MS = 20
const PUSH_TIMEOUT_MS = 180_000

/** Asks until the address answers 200 with the text. */
export async function untilAnswers(url: string, text: string): Promise<void> {
  const deadline = Date.now() + PUSH_TIMEOUT_MS
  for (;;) {
    const answer = await fetchApp(url).catch(() => null)
    if (answer?.status === 200 && answer.body === text) return
    if (Date.now() > deadline) throw new Error(`${url} did not answer "${text}": ${answer?.status} ${answer?.body}`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

/** Starts Slipway on a new state directory and a free port, and pushes the app to it. */
export async function deployOnce(): Promise<Deployed> {
  const installation = await startInstallation({
    env: {
      SLIPWAY_ADMIN_EMAIL: ADMIN.email,
      SLIPWAY_ADMIN_PASSWORD: ADMIN.password,
      SLIPWAY_REGISTRY_USERNAME: REGISTRY_ACCOUNT.username,
      SLIPWAY_REGISTRY_PASSWORD: REGISTRY_ACCOUNT.password,
    },
  })
  let repository: Repository | undefined
  const remove = leftover(async () => {
    repository?.remove()
    await installation.remove()
  })
  try {
    const token = await tokenFor(installation.url)
    const api = apiWith(installation.url, token)
    const ref = { ...(await createShop(api)), app: 'bench' }
    const { gitUrl } = await api.app.create.mutate({ ...ref, source: { kind: 'git' } })
    repository = await createRepository(path.join(import.meta.dirname, 'app'))
    const own = repository
    const appUrl = `http://bench.shop-production.localhost:${installation.port}/`
    let version = 0
    const push = async () => {
      version += 1
      own.write({ 'version.txt': `${version}\n` })
      await own.commit(`Version ${version}`)
      const startedAt = performance.now()
      const pushed = own.push(withToken(gitUrl, token)).then(({ code, output }) => {
        if (code !== 0) throw new Error(`the push failed:\n${output}`)
      })
      await Promise.all([pushed, untilAnswers(appUrl, `version ${version}`)])
      return performance.now() - startedAt
    }
    const firstPushMs = await push()
    await untilHealthy(api, ref)
    return { installation, api, token, ref, repository: own, firstPushMs, appUrl, push, remove }
  } catch (error) {
    await remove()
    throw error
  }
}
