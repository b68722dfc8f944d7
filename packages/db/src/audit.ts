import type { Database } from './database.ts'
import type { AuditEvent } from './generated/client.ts'
import { beforeId, type PageOf, type PageRequest, pageOf } from './pages.ts'
import type { Transaction } from './transaction.ts'

/** Who does something: the name is shown beside what was done, the address goes into the audit log. */
export interface Actor {
  name: string
  email: string
}

export interface NewAuditEvent {
  teamId: string
  actor: Actor
  /** Verb in dotted form, `app.scale`. */
  action: string
  /** Path of slugs it happened to. */
  subject: string
  /** One plain sentence, without secrets. */
  summary: string
}

/** Writes what happened in the transaction in which it happens. */
export async function writeAudit(tx: Transaction, event: NewAuditEvent): Promise<void> {
  await tx.auditEvent.create({ data: { ...event, actor: event.actor.email } })
}

/** Writes what changes no row of ours, before it happens. */
export async function recordAudit(db: Database, event: NewAuditEvent): Promise<void> {
  await db.transaction((tx) => writeAudit(tx, event))
}

/** Newest first. Throws `invalid_input` on a foreign cursor. */
export async function listAudit(db: Database, teamId: string, page: PageRequest): Promise<PageOf<AuditEvent>> {
  const rows = await db.client.auditEvent.findMany({
    where: { teamId, id: beforeId(page.cursor) },
    orderBy: { id: 'desc' },
    take: page.limit + 1,
  })
  return pageOf(rows, page.limit, (row) => row.id)
}
