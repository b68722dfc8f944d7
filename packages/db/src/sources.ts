import { randomBytes } from 'node:crypto'
import { AppError, type GitHost, type RepositoryCredentials, splitRepositoryAddress } from '@slipway/domain'
import { type Actor, writeAudit } from './audit.ts'
import type { Database } from './database.ts'
import { cipherContext } from './encryption.ts'
import type { Delivery, GitSource } from './generated/client.ts'
import { withLockedApp } from './locked-app.ts'
import { notify } from './notify.ts'
import { beforeId, type PageOf, type PageRequest, pageOf } from './pages.ts'

/** A connected repository with its secrets in clear. */
export interface ConnectedSource {
  appId: string
  hookId: string
  host: GitHost
  repositoryUrl: string
  branch: string
  secret: string
  credentials: RepositoryCredentials | null
}

/** Between user and token, where a user belongs to the token: neither can hold it. */
const SEPARATOR = '\0'

function seal(db: Database, appId: string, { user, token }: RepositoryCredentials): string {
  return db.cipher.encrypt(user === null ? token : user + SEPARATOR + token, cipherContext.accessToken(appId))
}

function unseal(db: Database, appId: string, ciphertext: string): RepositoryCredentials {
  const text = db.cipher.decrypt(ciphertext, cipherContext.accessToken(appId))
  const at = text.indexOf(SEPARATOR)
  return at < 0 ? { user: null, token: text } : { user: text.slice(0, at), token: text.slice(at + 1) }
}

function open(db: Database, row: GitSource): ConnectedSource {
  const { appId, hookId, host, repositoryUrl, branch } = row
  return {
    appId,
    hookId,
    host,
    repositoryUrl,
    branch,
    secret: db.cipher.decrypt(row.secretCiphertext, cipherContext.webhookSecret(appId)),
    credentials: row.accessTokenCiphertext ? unseal(db, appId, row.accessTokenCiphertext) : null,
  }
}

export interface NewSource {
  appId: string
  host: GitHost
  /** Credentials in it are kept encrypted, beside the address. */
  repositoryUrl: string
  branch: string
  /** For private repositories; goes before what the address has. */
  accessToken?: string | undefined
  actor: Actor
}

/** Connects a repository, or another one: the webhook's address stays, its secret is new only where there was none. */
export function connectSource(db: Database, input: NewSource): Promise<ConnectedSource> {
  const { appId, host, branch, actor } = input
  const { repositoryUrl, credentials } = addressOf(input)
  return withLockedApp(db, appId, async (tx, app) => {
    const known = await tx.gitSource.findUnique({ where: { appId } })
    const encryptedToken = credentials === null ? null : seal(db, appId, credentials)
    // A token is for one repository: it does not go along to another one.
    const keptToken = known?.repositoryUrl === repositoryUrl ? known.accessTokenCiphertext : null
    const data = { host, repositoryUrl, branch, accessTokenCiphertext: encryptedToken ?? keptToken }
    const row = await tx.gitSource.upsert({
      where: { appId },
      create: {
        appId,
        ...data,
        hookId: randomBytes(16).toString('hex'),
        secretCiphertext: db.cipher.encrypt(newSecret(), cipherContext.webhookSecret(appId)),
      },
      update: data,
    })
    await writeAudit(tx, {
      teamId: app.teamId,
      actor,
      action: 'source.connect',
      subject: app.subject,
      summary: `Connected ${repositoryUrl}, branch ${branch}.`,
    })
    await notify(tx, 'slipway_app', appId)
    return open(db, row)
  })
}

const newSecret = () => randomBytes(32).toString('hex')

/** Address and credentials of what a person enters: a token that they give goes before one in the address. */
export function addressOf({ repositoryUrl: address, accessToken }: Pick<NewSource, 'repositoryUrl' | 'accessToken'>): {
  repositoryUrl: string
  credentials: RepositoryCredentials | null
} {
  const { url, credentials } = splitRepositoryAddress(address)
  return { repositoryUrl: url, credentials: accessToken ? { user: null, token: accessToken } : credentials }
}

/**
 * Moves credentials that older versions stored in repositories' addresses into the encrypted token. Answers how many rows had any;
 * those of two processes that start at once are moved once.
 */
export async function moveAddressCredentials(db: Database): Promise<number> {
  const rows = await db.client.gitSource.findMany({ where: { repositoryUrl: { contains: '@' } } })
  let moved = 0
  for (const { appId, repositoryUrl, accessTokenCiphertext } of rows) {
    const { url, credentials } = splitRepositoryAddress(repositoryUrl)
    if (url === repositoryUrl) continue
    const sealed = accessTokenCiphertext ?? (credentials === null ? null : seal(db, appId, credentials))
    const { count } = await db.client.gitSource.updateMany({
      where: { appId, repositoryUrl },
      data: { repositoryUrl: url, accessTokenCiphertext: sealed },
    })
    moved += count
  }
  return moved
}

const NOT_CONNECTED = 'No repository is connected to this app.'

/** Ends the connection; the webhook's address is gone. Throws `not_found`. */
export function disconnectSource(db: Database, input: { appId: string; actor: Actor }): Promise<void> {
  return withLockedApp(db, input.appId, async (tx, app) => {
    const { count } = await tx.gitSource.deleteMany({ where: { appId: input.appId } })
    if (count === 0) throw new AppError('not_found', NOT_CONNECTED)
    await writeAudit(tx, {
      teamId: app.teamId,
      actor: input.actor,
      action: 'source.disconnect',
      subject: app.subject,
      summary: 'Disconnected the repository.',
    })
    await notify(tx, 'slipway_app', input.appId)
  })
}

/** Gives the webhook a new secret; deliveries signed with the old one are rejected from now on. Throws `not_found`. */
export function rotateWebhookSecret(db: Database, input: { appId: string; actor: Actor }): Promise<ConnectedSource> {
  const { appId, actor } = input
  return withLockedApp(db, appId, async (tx, app) => {
    if (!(await tx.gitSource.findUnique({ where: { appId } }))) throw new AppError('not_found', NOT_CONNECTED)
    const secretCiphertext = db.cipher.encrypt(newSecret(), cipherContext.webhookSecret(appId))
    const row = await tx.gitSource.update({ where: { appId }, data: { secretCiphertext } })
    await writeAudit(tx, {
      teamId: app.teamId,
      actor,
      action: 'webhook.rotateSecret',
      subject: app.subject,
      summary: 'Changed the webhook’s secret.',
    })
    await notify(tx, 'slipway_app', appId)
    return open(db, row)
  })
}

/** The repository of an app, null when none is connected. */
export async function findSource(db: Database, appId: string): Promise<ConnectedSource | null> {
  const row = await db.client.gitSource.findUnique({ where: { appId } })
  return row && open(db, row)
}

/** The repository behind a webhook's address; null when there is none, or its app is being deleted. */
export async function findSourceByHook(db: Database, hookId: string): Promise<ConnectedSource | null> {
  const row = await db.client.gitSource.findFirst({ where: { hookId, app: { deletedAt: null } } })
  return row && open(db, row)
}

export type DeliveryWithBuild = Delivery & { build: { number: number; release: { number: number } | null } | null }

/** Newest first. Throws `invalid_input` on a foreign cursor. */
export async function listDeliveries(
  db: Database,
  appId: string,
  page: PageRequest,
): Promise<PageOf<DeliveryWithBuild>> {
  const rows = await db.client.delivery.findMany({
    where: { appId, id: beforeId(page.cursor) },
    orderBy: { id: 'desc' },
    take: page.limit + 1,
    include: { build: { select: { number: true, release: { select: { number: true } } } } },
  })
  return pageOf(rows, page.limit, (row) => row.id)
}
