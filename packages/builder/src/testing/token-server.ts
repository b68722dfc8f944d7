import { execFileSync } from 'node:child_process'
import { createPrivateKey, randomUUID, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import path from 'node:path'
import { keyIdOf } from '../../../../apps/platform/src/registry/token-key.ts'

/** Gives out tokens as Docker Hub's does, signed with a key that the registry knows. */
export interface TokenServer {
  realm: string
  issuer: string
  service: string
  certificateFile: string
  /** Scopes of each token that was asked for. */
  asked: string[][]
  /** Refuses connections for so long. */
  goAway(ms: number): Promise<void>
  stop(): Promise<void>
}

export interface TokenServerOptions {
  dir: string
  /** `user:password` that is accepted; a refresh token instead of it. */
  credentials: string
  refreshToken?: string
  /** Life of a token in seconds. */
  lifeSeconds?: number
  /** Repositories that may be read and written; all others are refused. */
  allows(repository: string): boolean
}

export async function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const keyFile = path.join(options.dir, 'token.key')
  const certificateFile = path.join(options.dir, 'token.crt')
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', keyFile, '-out', certificateFile, '-days', '2'].concat(
      ['-subj', '/CN=slipway-tokens'],
    ),
    { stdio: 'ignore' },
  )
  const key = createPrivateKey(readFileSync(keyFile))
  const [issuer, service, asked] = ['slipway-tokens', 'registry.test', [] as string[][]]
  const server = createServer((request, response) => {
    void scopesOf(request, options).then((scopes) => {
      if (scopes === null) return response.writeHead(401).end('{"details":"incorrect username or password"}')
      asked.push(scopes)
      const access = scopes.flatMap((scope) => {
        const [type, name = '', actions = ''] = scope.split(':')
        return options.allows(name) ? [{ type, name, actions: actions.split(',') }] : []
      })
      const life = options.lifeSeconds ?? 60
      const now = Math.floor(Date.now() / 1000)
      const claims = {
        iss: issuer,
        sub: 'user',
        aud: service,
        exp: now + life,
        nbf: now - 5,
        iat: now,
        jti: randomUUID(),
      }
      const header = { typ: 'JWT', alg: 'RS256', kid: keyIdOf(key) }
      const text = [header, { ...claims, access }].map((part) => encode(JSON.stringify(part))).join('.')
      const token = `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ token, access_token: token, expires_in: life }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  return {
    realm: `http://127.0.0.1:${port}/token`,
    issuer,
    service,
    certificateFile,
    asked,
    async goAway(ms) {
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
      setTimeout(() => server.listen(port, '127.0.0.1'), ms)
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

const encode = (text: string) => Buffer.from(text).toString('base64url')

/** Scopes that are asked for; null: by nobody who is known. */
async function scopesOf(request: IncomingMessage, options: TokenServerOptions): Promise<string[] | null> {
  const url = new URL(request.url ?? '/', 'http://token')
  if (request.method === 'POST') {
    let body = ''
    for await (const chunk of request) body += chunk
    const form = new URLSearchParams(body)
    const isKnown = form.get('refresh_token') === options.refreshToken && form.get('grant_type') === 'refresh_token'
    return isKnown ? (form.get('scope') ?? '').split(' ') : null
  }
  const known = `Basic ${Buffer.from(options.credentials).toString('base64')}`
  const { authorization } = request.headers
  if (authorization !== undefined && authorization !== known) return null
  return authorization === undefined ? [] : url.searchParams.getAll('scope')
}
