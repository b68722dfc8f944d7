import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { dirname } from 'node:path'
import { type Cluster, connectCluster, KINDS, Secrets } from '@slipway/kube'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createWorkTree, type WorkTree } from '../src/testing/git-client.ts'
import { argumentLists, environmentOf } from '../src/testing/processes.ts'
import { startTestPlatform, type TestPlatform } from '../src/testing/start.ts'
import { waitFor } from '../src/testing/wait.ts'
import { GREETER } from './apps.ts'
import { startRepositoryServer } from './repository-server.ts'

// Whole deploys, on machines that are busy with others.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 180_000 })

const canary = (name: string) => `canary-${name}-${randomBytes(9).toString('hex')}`
/** Every secret that people hand to Slipway, and those that it makes for them. */
const secrets: Record<string, string> = {
  configVar: canary('config'),
  buildSecret: canary('build'),
  repositoryToken: canary('repository'),
  registryPassword: canary('registry'),
  newPassword: canary('password'),
  wrongPassword: canary('wrong'),
}
/** How a secret may be written down. */
const formsOf = (secret: string) => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  Buffer.from(secret).toString('hex'),
]
/** Names of the secrets that a text holds. */
const leaksIn = (text: string) =>
  Object.entries(secrets).flatMap(([name, secret]) =>
    formsOf(secret).some((form) => text.includes(form)) ? [name] : [],
  )

let platform: TestPlatform
let tree: WorkTree
let host: Awaited<ReturnType<typeof startRepositoryServer>>
let cluster: Cluster
let log = ''
const inArguments = new Set<string>()
const lookAtArguments = () => {
  for (const args of argumentLists())
    for (const name of leaksIn(args)) inArguments.add(`${name} in ${args.split('\0')[0]}`)
}
let timer: NodeJS.Timeout

beforeAll(async () => {
  platform = await startTestPlatform({
    childProcess: true,
    log: (text) => {
      log += text
    },
    settings: { logLevel: 'trace' },
  })
  tree = await createWorkTree(GREETER)
  host = await startRepositoryServer(dirname(tree.directory), secrets.repositoryToken ?? null, lookAtArguments)
  cluster = await connectCluster({ kubeconfigPath: platform.kubeconfigPath })
  timer = setInterval(lookAtArguments, 1000)
})
afterAll(async () => {
  clearInterval(timer)
  await cluster?.close()
  await host?.stop()
  await tree?.remove()
  await platform?.stop()
})

const refOf = (app: string) => ({ ...platform.environment, app })

/** An app with a secret of every kind, connected by an address with a password in it. */
async function seed(app: string): Promise<{ hookUrl: string }> {
  const api = platform.api()
  await api.app.create.mutate({ ...platform.environment, app, source: { kind: 'git' } })
  await api.registry.set.mutate({
    team: 'acme',
    host: 'ghcr.io',
    username: 'ada',
    password: secrets.registryPassword ?? '',
  })
  await api.app.updateSettings.mutate({ ...refOf(app), settings: { buildVars: ['BUILD_SECRET'] } })
  const set = { CONFIG_VAR: secrets.configVar ?? '', BUILD_SECRET: secrets.buildSecret ?? '' }
  await api.config.update.mutate({ ...refOf(app), set })
  const address = new URL(`${host.url}/${tree.directory.split('/').at(-1)}/.git`)
  address.username = 'ada'
  address.password = secrets.repositoryToken ?? ''
  const source = { ...refOf(app), host: 'github', repositoryUrl: address.href, branch: 'main' } as const
  await expect(api.source.connect.mutate({ ...source, branch: 'nowhere' })).rejects.toThrow('has no branch')
  const { url } = await api.source.connect.mutate(source)
  secrets.webhookSecret = (await api.webhook.rotateSecret.mutate(refOf(app))).secret
  const made = await api.token.create.mutate({ name: 'ci', scope: 'deploy', password: platform.account.password })
  secrets.apiToken = made.secret
  return { hookUrl: platform.url + new URL(url).pathname }
}

/** Delivers the head of the tree; answers how its build ended. */
async function deliver(app: string, hookUrl: string, secret: string): Promise<string> {
  const after = (await tree.git('rev-parse', 'HEAD')).output.trim()
  const body = JSON.stringify({
    ref: 'refs/heads/main',
    after,
    deleted: false,
    head_commit: { id: after, message: 'x' },
  })
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
  const headers = { 'x-github-event': 'push', 'x-github-delivery': randomUUID(), 'x-hub-signature-256': signature }
  const { status } = await fetch(hookUrl, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  })
  if (status >= 400) return `answered ${status}`
  const build = await waitFor(`the build of ${after} to end`, async () => {
    const { items } = await platform.api().build.list.query(refOf(app))
    return items.find((each) => each.commit === after && each.finishedAt !== null)
  })
  return build.status
}

/** What goes wrong, and what is said then. */
async function failInEveryWay(app: string, hookUrl: string): Promise<string[]> {
  const api = platform.api()
  const said: string[] = []
  const failing = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => new Error('it should have failed'),
      (reason: Error) => reason,
    )
    said.push(JSON.stringify(error, Object.getOwnPropertyNames(error)))
  }
  const { email } = platform.account
  await failing(api.session.login.mutate({ email, password: secrets.wrongPassword ?? '', tokenName: 'x' }))
  await failing(api.token.create.mutate({ name: 'x', password: secrets.wrongPassword }))
  await failing(api.account.changePassword.mutate({ current: secrets.wrongPassword ?? '', next: 'short' }))
  await failing(api.config.update.mutate({ ...refOf(app), set: { 'not a key': secrets.configVar ?? '' } }))
  await failing(
    api.registry.set.mutate({
      team: 'nowhere',
      host: 'ghcr.io',
      username: 'a',
      password: secrets.registryPassword ?? '',
    }),
  )
  expect(await deliver(app, hookUrl, secrets.wrongPassword ?? '')).toBe('answered 401')
  // git shows this token in its own arguments, so it is not the one that must not leak.
  const push = await tree.git('push', platform.gitUrl(app, `slipway_${randomBytes(20).toString('hex')}`), 'main')
  expect(push.exitCode).not.toBe(0)
  said.push(push.output)
  await tree.commit('Break the build', {
    'package.json': GREETER['package.json'].replace('node server.js"', 'node server.js","build":"exit 3"'),
  })
  expect(await deliver(app, hookUrl, secrets.webhookSecret ?? '')).toBe('failed')
  return said
}

async function rowsOfEveryTable(): Promise<string> {
  const { pool } = platform.database.db
  const tables = await pool.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
  )
  const texts: string[] = []
  for (const { name } of tables.rows) {
    const { rows } = await pool.query<{ text: string }>(`SELECT t::text AS text FROM "${name}" t`)
    texts.push(...rows.map(({ text }) => text))
  }
  return texts.join('\n')
}

async function everyObjectButSecrets(): Promise<string> {
  const types = Object.values(KINDS).filter((kind) => kind !== Secrets && !('needs' in kind))
  return JSON.stringify(await Promise.all(types.map((type) => cluster.list(type))))
}

test('canaries of every secret come out nowhere: not in argv, environment, log, errors, rows, objects, events or audit', async () => {
  const { hookUrl } = await seed('canary')
  const api = platform.api()
  expect(await deliver('canary', hookUrl, secrets.webhookSecret ?? '')).toBe('succeeded')
  await waitFor(
    'the app to answer',
    async () => (await platform.fetchApp('canary.shop-production.localhost')).status === 200,
  )
  const said = await failInEveryWay('canary', hookUrl)
  await api.release.deployImage.mutate({ ...refOf('canary'), image: 'registry.invalid/none:1' }).catch(() => undefined)
  await api.account.changePassword.mutate({ current: platform.account.password, next: secrets.newPassword ?? '' })
  const views = await Promise.all([
    api.app.get.query(refOf('canary')),
    api.audit.list.query({ team: 'acme' }),
    api.account.events.query({}),
    api.delivery.list.query(refOf('canary')),
    api.registry.list.query({ team: 'acme' }),
    api.config.list.query(refOf('canary')),
    api.token.list.query(),
  ])
  lookAtArguments()
  expect([...inArguments]).toEqual([])
  expect(leaksIn(environmentOf(platform.pid()))).toEqual([])
  expect(log).toContain('"level":"debug"')
  expect({ log: leaksIn(log), errors: leaksIn(said.join('\n')), views: leaksIn(JSON.stringify(views)) }).toEqual({
    ...{ log: [], errors: [], views: [] },
  })
  expect(leaksIn(await rowsOfEveryTable())).toEqual([])
  expect(leaksIn(await everyObjectButSecrets())).toEqual([])
})
