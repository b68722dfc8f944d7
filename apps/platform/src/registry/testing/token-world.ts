import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createTestDatabase, type TestDatabase } from '@slipway/db/testing'
import { AppError } from '@slipway/domain'
import Fastify from 'fastify'
import { startDockerRegistry } from '../../../../../packages/builder/src/testing/docker-registry.ts'
import { createRegistry } from '../../../../../packages/local-cluster/src/registry/index.ts'
import { type OwnRegistry, openOwnRegistry } from '../own-registry.ts'
import { addTokenRoutes } from '../routes.ts'
import { REGISTRY_SERVICE, TOKEN_ISSUER } from '../token-key.ts'

export type TestUser = 'build' | 'environment'

/** The token service over two teams, `acme` and `rival`, each with the app `web` in `production` and `staging`, where a build runs. */
export interface TokenWorld {
  database: TestDatabase
  realm: string
  /** The private key, PEM. */
  pem: string
  /** Ids by places such as `acme/production`. */
  ids: Record<TestUser, Record<string, string>>
  teams: Record<string, string>
  own(pushUrl: string): OwnRegistry
  /** Asks for a token with the credentials of a build or an environment. */
  ask(user: TestUser, place: string, ...scopes: string[]): Promise<Response>
  startRegistry(name: RegistryName): Promise<{ origin: string; stop(): Promise<void> }>
  stop(): Promise<void>
}

export type RegistryName = 'docker-registry' | 'embedded'
export const OPERATOR = { username: 'root', password: 'the password of the operator' }

export const makeKey = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

export const basic = (username: string, password: string) => ({
  authorization: `Basic ${btoa(`${username}:${password}`)}`,
})

/** What the payload of a token grants. */
export async function accessIn(answer: Response): Promise<{ token: string; access: { actions: string[] }[] }> {
  const { token } = (await answer.json()) as { token: string }
  return { token, access: JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).access }
}

export async function createTokenWorld(): Promise<TokenWorld> {
  const dir = await mkdtemp(path.join(tmpdir(), 'slipway-tokens-'))
  const database = await createTestDatabase()
  const pem = makeKey()
  const world = { ids: { build: {}, environment: {} } as TokenWorld['ids'], teams: {} as Record<string, string> }
  for (const slug of ['acme', 'rival']) await addTeam(database, world, slug)
  const own = (registryPushUrl: string) => openOurs(registryPushUrl, pem)
  const server = Fastify()
  server.setErrorHandler((error, _request, reply) =>
    reply.status(error instanceof AppError ? 401 : 500).send({ error: String(error) }),
  )
  const loginLimiter = { attempt: <T>(_who: unknown, check: () => Promise<T>) => check() }
  const registry = own('http://registry.test')
  await addTokenRoutes(server, { db: database.db, registry, loginLimiter, now: () => new Date() })
  const realm = `${await server.listen({ host: '127.0.0.1', port: 0 })}/registry/token`
  const files = { key: path.join(dir, 'token.key'), certificate: path.join(dir, 'token.crt') }
  await writeFile(files.key, pem)
  const request = 'req -x509 -new -days 2 -subj /CN=slipway-registry'.split(' ')
  execFileSync('openssl', [...request, '-key', files.key, '-out', files.certificate], { stdio: 'ignore' })
  return {
    ...{ database, realm, pem, own, ...world },
    ask(user, place, ...scopes) {
      const [made] = registry.credentials.of(user, world.ids[user][place] ?? '')
      const query = new URLSearchParams({ service: REGISTRY_SERVICE })
      for (const scope of scopes) query.append('scope', scope)
      return fetch(`${realm}?${query}`, { headers: basic(made?.username ?? '', made?.password ?? '') })
    },
    startRegistry: (name) => startRegistry(name, dir, files, realm),
    async stop() {
      await server.close()
      await database.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

function openOurs(registryPushUrl: string, pem: string): OwnRegistry {
  const registry = openOwnRegistry({
    registry: 'registry.test/slipway',
    registryPushUrl,
    registryTokenKey: pem,
    registryOperator: OPERATOR,
    baseImages: { node: 'registry.test/bases/node-{version}:slim', go: 'docker.io/library/debian' },
    builderImage: 'registry.test/builders/{language}:1',
  })
  if (registry === null) throw new Error('it is ours')
  return registry
}

async function addTeam({ db }: TestDatabase, world: Pick<TokenWorld, 'ids' | 'teams'>, slug: string): Promise<void> {
  const team = await db.client.team.create({ data: { slug, name: slug } })
  world.teams[slug] = team.id
  const project = await db.client.project.create({ data: { slug: 'shop', name: 'Shop', teamId: team.id } })
  for (const kind of ['production', 'staging'] as const) {
    const place = { slug: kind, kind, namespace: `slipway-${slug}-shop-${kind}`, projectId: project.id }
    const environment = await db.client.environment.create({ data: place })
    const app = await db.client.app.create({
      data: { environmentId: environment.id, slug: 'web', sourceKind: 'git', hostPrefix: `${slug}-${kind}` },
    })
    const source = { commit: 'a'.repeat(40), branch: 'main', message: 'm', by: 'ada', trigger: 'push' } as const
    const build = await db.client.build.create({ data: { appId: app.id, number: 1, status: 'running', ...source } })
    world.ids.build[`${slug}/${kind}`] = build.id
    world.ids.environment[`${slug}/${kind}`] = environment.id
  }
}

async function startRegistry(
  name: RegistryName,
  dir: string,
  files: { key: string; certificate: string },
  realm: string,
): ReturnType<TokenWorld['startRegistry']> {
  if (name === 'docker-registry') {
    const token = { realm, service: REGISTRY_SERVICE, issuer: TOKEN_ISSUER, certificateFile: files.certificate }
    return startDockerRegistry({ dir: path.join(dir, name), token })
  }
  const publicKey = execFileSync('openssl', ['pkey', '-pubout', '-in', files.key]).toString()
  const registry = await createRegistry({ dir: path.join(dir, name), tokens: { publicKey, realm } })
  const server = createServer((request, response) => {
    void registry.handle(request, response).then((handled) => handled || response.writeHead(418).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    origin: `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`,
    async stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}
