import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AppRef, AppView } from '@slipway/domain'
import type { AppRouter } from '@slipway/platform/api'
import { createTRPCClient, httpBatchLink, type TRPCClient } from '@trpc/client'
import { until } from './installation.ts'

export type Api = TRPCClient<AppRouter>

export const ADMIN = { email: 'ada@example.com', password: 'correct horse battery' }

/** A client of the API with an API token, as the CLI has one. */
export function apiWith(url: string, token?: string): Api {
  return createTRPCClient<AppRouter>({
    links: [
      httpBatchLink({ url: `${url}/trpc`, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } }),
    ],
  })
}

/** Signs in as the account and makes an API token. */
export async function tokenFor(url: string, account = ADMIN): Promise<string> {
  return (await apiWith(url).session.login.mutate({ ...account, tokenName: 'end-to-end tests' })).secret
}

/** A team with one project, `shop`, that has a production environment. */
export async function createShop(api: Api, team = 'acme'): Promise<Omit<AppRef, 'app'>> {
  await api.team.create.mutate({ team, name: 'Acme' })
  await api.project.create.mutate({ team, project: 'shop', name: 'Shop' })
  return { team, project: 'shop', environment: 'production' }
}

/** Waits until the app's newest release is live and healthy. */
export function untilHealthy(api: Api, ref: AppRef, release?: number): Promise<AppView> {
  return until(
    `${ref.app} to be healthy${release === undefined ? '' : ` on v${release}`}`,
    async () => {
      const app = await api.app.get.query(ref)
      const live = app.health.status === 'Healthy' && app.servingRelease === (release ?? app.currentRelease)
      return live ? app : null
    },
    120_000,
  ).catch(async (error: Error) => {
    const app = await api.app.get.query(ref)
    throw new Error(
      `${error.message}: ${JSON.stringify({ health: app.health, why: app.why, instances: app.instanceList })}`,
    )
  })
}

export interface AppAnswer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

const keptAlive = new Agent({ keepAlive: true })

/**
 * One request to an app by its address, through the public port. Not every resolver knows *.localhost, and `fetch` chooses the
 * Host header itself: the connection goes to loopback and the header says the app's name.
 */
export function fetchApp(url: string, path = '/', agent: Agent | false = keptAlive): Promise<AppAnswer> {
  const target = new URL(path, url)
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port: target.port,
        path: target.pathname + target.search,
        headers: { host: target.host },
        agent,
      },
      (response) => {
        let body = ''
        response.on('data', (chunk) => {
          body += chunk
        })
        response.on('error', reject)
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
      },
    )
    outgoing.setTimeout(60_000, () => outgoing.destroy(new Error('no answer within 60 s')))
    outgoing.on('error', reject)
    outgoing.end()
  })
}

export interface LoadResult {
  requests: number
  /** Every answer that was not 200, with its reason. */
  failures: string[]
  /** How many answers had which value of the header `greeting`. */
  greetings: Record<string, number>
}

const LOAD_CLIENTS = 4
const LOAD_PAUSE_MS = 5

/** Constant load on one address: half of the clients keep their connection, half open a new one for each request. */
export function startLoad(url: string, path = '/'): { stop(): Promise<LoadResult> } {
  let running = true
  const result: LoadResult = { requests: 0, failures: [], greetings: {} }
  const client = async (agent: Agent | false) => {
    while (running) {
      try {
        const { status, headers, body } = await fetchApp(url, path, agent)
        const greeting = String(headers.greeting)
        if (status === 200) result.greetings[greeting] = (result.greetings[greeting] ?? 0) + 1
        else result.failures.push(`${status} ${body.slice(0, 200)}`)
      } catch (error) {
        result.failures.push(String(error))
      }
      result.requests += 1
      await sleep(LOAD_PAUSE_MS)
    }
  }
  const clients = Array.from({ length: LOAD_CLIENTS }, (_, n) => client(n % 2 === 0 ? keptAlive : false))
  return {
    async stop() {
      running = false
      await Promise.all(clients)
      return result
    },
  }
}
