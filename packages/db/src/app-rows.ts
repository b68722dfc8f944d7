import { AppError } from '@slipway/domain'
import type { Database } from './database.ts'
import type { Prisma } from './generated/client.ts'

/** Apps in one list at most; narrow it by team, project or environment to see others. */
const MAX_LISTED_APPS = 2_000
const RECENT = 10

const summary = {
  environment: { include: { project: { include: { team: { select: { slug: true } } } } } },
  processes: true,
  domains: { orderBy: { createdAt: 'asc' } },
  currentRelease: true,
  releases: { orderBy: { number: 'desc' }, take: 1 },
  builds: {
    orderBy: { number: 'desc' },
    take: 1,
    include: { release: { select: { number: true } } },
  },
} as const satisfies Prisma.AppInclude

const detail = {
  ...summary,
  source: true,
  releases: { orderBy: { number: 'desc' }, take: RECENT },
  builds: { orderBy: { number: 'desc' }, take: RECENT, include: { release: { select: { number: true } } } },
} as const satisfies Prisma.AppInclude

/** An app for lists: `releases` and `builds` hold the newest only. */
export type AppSummaryRow = Prisma.AppGetPayload<{ include: typeof summary }>
/** An app with its ten newest releases and builds. */
export type AppDetailRow = Prisma.AppGetPayload<{ include: typeof detail }>

export interface AppFilter {
  team?: string
  project?: string
  environment?: string
}

/** Apps of all teams that the account is in, by path; those that are being deleted left out. */
export function listAppRows(db: Database, userId: string, filter: AppFilter): Promise<AppSummaryRow[]> {
  return db.client.app.findMany({
    where: {
      deletedAt: null,
      environment: {
        slug: filter.environment,
        project: { slug: filter.project, team: { slug: filter.team, memberships: { some: { userId } } } },
      },
    },
    include: summary,
    orderBy: [
      { environment: { project: { team: { slug: 'asc' } } } },
      { environment: { project: { slug: 'asc' } } },
      { environment: { slug: 'asc' } },
      { slug: 'asc' },
    ],
    take: MAX_LISTED_APPS,
  })
}

/** Apps of a project, by name. */
export function listProjectAppRows(db: Database, projectId: string): Promise<AppSummaryRow[]> {
  return db.client.app.findMany({
    where: { deletedAt: null, environment: { projectId, deletedAt: null } },
    include: summary,
    orderBy: { slug: 'asc' },
    take: MAX_LISTED_APPS,
  })
}

/** Throws `not_found` when the app is gone or going. */
export async function getAppRow(db: Database, appId: string): Promise<AppDetailRow> {
  const row = await db.client.app.findFirst({ where: { id: appId, deletedAt: null }, include: detail })
  if (!row) throw new AppError('not_found', 'This app has been deleted.')
  return row
}

/** Environments of a project by the date they were made. */
export function listEnvironments(db: Database, projectId: string) {
  return db.client.environment.findMany({ where: { projectId, deletedAt: null }, orderBy: { createdAt: 'asc' } })
}
