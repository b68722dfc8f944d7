import {
  AppError,
  type AppRef,
  addResources,
  appPath,
  type BuildSettingsPatch,
  isReplicated,
  isResized,
  NO_RESOURCES,
  neededForScale,
  type ProcessFile,
  type ProcessScale,
  RESOURCE_KEYS,
  type Resources,
} from '@slipway/domain'
import { type Actor, writeAudit } from './audit.ts'
import type { Database } from './database.ts'
import { orConflict } from './errors.ts'
import type { Prisma } from './generated/client.ts'
import { chooseHostPrefix } from './hosts.ts'
import { type LockedApp, lockApp, withLockedApp } from './locked-app.ts'
import { notify } from './notify.ts'
import { readProcesses, scalesOf } from './processes.ts'
import { admit, lockTeam } from './quota.ts'
import { webProcess } from './release-changes.ts'
import { insertRelease } from './releases.ts'
import type { Transaction } from './transaction.ts'

/** Apps in one environment at most: each is watched, rendered and listed whole. */
const MAX_APPS = 500

export interface NewApp {
  teamId: string
  environmentId: string
  ref: AppRef
  /** With an image, the first release is made at once. */
  source: { kind: 'git' } | { kind: 'image'; image: string; command?: string | undefined; size?: ProcessFile['size'] }
  /** How it is built, where that differs from the defaults. */
  settings?: BuildSettingsPatch
  appsDomain: string | null
  actor: Actor
}

/** Makes an app. Throws `conflict` when the name is taken, `quota_exceeded` when its first release does not fit. */
export async function createApp(db: Database, input: NewApp): Promise<string> {
  const { source, actor } = input
  return db.transaction(async (tx) => {
    await lockTeam(tx, input.teamId)
    const id = await insertApp(tx, {
      ...input,
      sourceKind: source.kind,
      settings: { ...input.settings },
      summary: source.kind === 'git' ? 'Created the app.' : `Created the app from ${source.image}.`,
    })
    if (source.kind === 'image') {
      await insertRelease(db, tx, await lockApp(tx, id), {
        kind: 'image',
        image: source.image,
        processes: [webProcess(source.command)],
        processesFile: { web: { size: source.size } },
        description: `Deploy ${source.image}`,
        actor,
        action: 'release.deployImage',
      })
    } else {
      await notify(tx, 'slipway_app', id)
    }
    return id
  })
}

/** The row of a new app. The caller holds the team's lock. Throws `conflict`, `not_found`. */
export async function insertApp(
  tx: Transaction,
  input: Pick<NewApp, 'teamId' | 'environmentId' | 'ref' | 'appsDomain' | 'actor'> & {
    sourceKind: 'git' | 'image'
    /** BuildSettings. */
    settings: Prisma.InputJsonObject
    /** Sentence for the audit log. */
    summary: string
  },
): Promise<string> {
  const { teamId, environmentId, ref, actor, sourceKind, summary } = input
  if ((await countApps(tx, environmentId)) >= MAX_APPS) {
    throw new AppError(
      'conflict',
      `An environment can have ${MAX_APPS} apps. Delete one, or create another environment.`,
    )
  }
  const taken = `An app named ${ref.app} already exists in ${ref.project}/${ref.environment}, or is still being deleted. Choose another name.`
  const hostPrefix = await chooseHostPrefix(tx, ref, input.appsDomain)
  const { id } = await orConflict(taken, () =>
    tx.app.create({
      data: { environmentId, slug: ref.app, sourceKind, buildSettings: input.settings, hostPrefix },
    }),
  )
  await writeAudit(tx, { teamId, actor, action: 'app.create', subject: appPath(ref), summary })
  return id
}

/** Apps of an environment, which may have been deleted between the check of the caller's rights and now. Throws `not_found`. */
async function countApps(tx: Transaction, environmentId: string): Promise<number> {
  const [found] = await tx.$queryRaw<{ apps: number }[]>`
    SELECT (SELECT count(*)::int FROM apps a WHERE a."environmentId" = e.id) AS apps
    FROM environments e JOIN projects p ON p.id = e."projectId"
    WHERE e.id = ${environmentId}::uuid AND e."deletedAt" IS NULL AND p."deletedAt" IS NULL`
  if (found === undefined) throw new AppError('not_found', 'The environment is being deleted.')
  return found.apps
}

export interface ScaleChange {
  appId: string
  /** What is not named stays. */
  processes: readonly ({ name: string } & Partial<ProcessScale>)[]
  actor: Actor
  now: Date
}

function describeScale(name: string, before: ProcessScale, after: ProcessScale): string {
  const parts = []
  if (before.instances !== after.instances) parts.push(`${before.instances} → ${after.instances} instances`)
  if (before.cpuMillis !== after.cpuMillis) parts.push(`${before.cpuMillis}m → ${after.cpuMillis}m CPU`)
  if (before.memoryMiB !== after.memoryMiB) parts.push(`${before.memoryMiB} → ${after.memoryMiB} MiB`)
  return `${name}: ${parts.join(', ')}`
}

interface ScalePlan {
  updates: ({ name: string } & ProcessScale)[]
  needed: Resources
  changes: string[]
  /** A changed size replaces instances. */
  rolls: boolean
}

function planScale(app: LockedApp, processes: ScaleChange['processes']): ScalePlan {
  const scales = scalesOf(app.row.processes)
  const running = readProcesses(app.row.currentRelease?.processes ?? [])
  const plan: ScalePlan = { updates: [], needed: NO_RESOURCES, changes: [], rolls: false }
  for (const { name, instances, cpuMillis, memoryMiB } of processes) {
    const before = scales.get(name)
    const process = running.find((each) => each.name === name)
    if (!before || !process) throw unknownProcess(app, name, running)
    if (!isReplicated(process) && instances !== undefined && instances !== before.instances) {
      throw new AppError(
        'invalid_input',
        `${name} runs once for each release and is not scaled: only its size can be set.`,
      )
    }
    const after = {
      instances: instances ?? before.instances,
      cpuMillis: cpuMillis ?? before.cpuMillis,
      memoryMiB: memoryMiB ?? before.memoryMiB,
    }
    scales.set(name, after)
    if (RESOURCE_KEYS.every((key) => before[key] === after[key])) continue
    plan.updates.push({ name, ...after })
    plan.needed = addResources(plan.needed, neededForScale(process.kind, before, after))
    plan.changes.push(describeScale(name, before, after))
    plan.rolls ||= isResized(before, after)
  }
  return plan
}

function unknownProcess(app: LockedApp, name: string, running: readonly { name: string }[]): AppError {
  if (running.length === 0) {
    return new AppError('conflict', `Nothing is deployed to ${app.subject} yet. Deploy first, then scale.`)
  }
  return new AppError(
    'not_found',
    `${app.subject} has no process ${name}. It has: ${running.map((each) => each.name).join(', ')}.`,
  )
}

/** Changes count and size of processes. No release is made. Throws `not_found` for unknown processes, `quota_exceeded`. */
export function scaleApp(db: Database, change: ScaleChange): Promise<void> {
  return withLockedApp(db, change.appId, (tx, app) => scaleLocked(tx, app, change, 'Scaled'))
}

/** The same in a transaction that holds the app. `verb` begins the audit log's sentence. */
export async function scaleLocked(
  tx: Transaction,
  app: LockedApp,
  { appId, processes, actor, now }: ScaleChange,
  verb: string,
): Promise<void> {
  const { updates, needed, changes, rolls } = planScale(app, processes)
  if (updates.length === 0) return
  const { environmentId } = app.row
  await admit(tx, {
    teamId: app.teamId,
    environmentId,
    appId,
    needed,
    change: `Scaling ${changes.join('; ')}`,
    rolls,
  })
  const before = scalesOf(app.row.processes)
  for (const { name, ...scale } of updates) {
    const isDecided = before.get(name)?.instances !== scale.instances
    const data = isDecided ? { ...scale, scaledAt: now, scaleProblem: null } : scale
    await tx.appProcess.update({ where: { appId_name: { appId, name } }, data })
  }
  await tx.app.update({ where: { id: appId }, data: { generation: { increment: 1 } } })
  await writeAudit(tx, {
    teamId: app.teamId,
    actor,
    action: 'app.scale',
    subject: app.subject,
    summary: `${verb} ${changes.join('; ')}.`,
  })
  await notify(tx, 'slipway_app', appId)
}
