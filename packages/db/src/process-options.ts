import {
  AppError,
  describeOption,
  OPTION_KEYS,
  optionsIn,
  optionsProblem,
  type ProcessDefinition,
  type ProcessesFile,
  type ProcessOptions,
  type ProcessOptionsPatch,
  processOptionsSchema,
  slipwayFileSchema,
} from '@slipway/domain'
import type { Actor } from './audit.ts'
import type { Database } from './database.ts'
import type { Release } from './generated/client.ts'
import { type LockedApp, withLockedApp } from './locked-app.ts'
import { readProcesses } from './processes.ts'
import { insertRelease } from './releases.ts'
import type { Transaction } from './transaction.ts'

/** What the slipway.yaml of a build says of processes; undefined where there was none. */
async function processesFileOf(
  tx: Transaction,
  appId: string,
  buildNumber: number | null,
): Promise<ProcessesFile | undefined> {
  if (buildNumber === null) return undefined
  const key = { appId_number: { appId, number: buildNumber } }
  const build = await tx.build.findUnique({ where: key, select: { slipwayFile: true } })
  return slipwayFileSchema.safeParse(build?.slipwayFile).data?.processes
}

/** Processes of a new release with what the app's rows say of them, and over that what slipway.yaml says. */
export function withOptions(
  { row }: LockedApp,
  processes: readonly ProcessDefinition[],
  file: ProcessesFile = {},
): ProcessDefinition[] {
  return processes.map((process) => {
    const stored = row.processes.find(({ name }) => name === process.name)?.options
    return {
      ...withoutOptions(process),
      ...processOptionsSchema.parse(stored ?? {}),
      ...optionsIn(file[process.name] ?? {}),
    }
  })
}

function withoutOptions(process: ProcessDefinition): ProcessDefinition {
  const kept = { ...process }
  for (const key of OPTION_KEYS) delete kept[key]
  return kept
}

/** After the app went back to an old release: its options are the app's again, but for those that its slipway.yaml gives. */
export async function restoreOptions(
  tx: Transaction,
  appId: string,
  release: Pick<Release, 'processes' | 'buildNumber'>,
): Promise<void> {
  const file = await processesFileOf(tx, appId, release.buildNumber)
  for (const process of readProcesses(release.processes)) {
    const said = optionsIn(file?.[process.name] ?? {})
    const options = Object.fromEntries(Object.entries(optionsIn(process)).filter(([key]) => !(key in said)))
    await tx.appProcess.updateMany({ where: { appId, name: process.name }, data: { options } })
  }
}

export interface OptionsChange {
  appId: string
  process: string
  options: ProcessOptionsPatch
  actor: Actor
}

/**
 * Changes health check, stop and drain times of a process by a release of their own. Answers that release; null where nothing
 * changed. Throws `not_found`, `conflict` where slipway.yaml says it otherwise, `invalid_input`, `quota_exceeded`.
 */
export function configureProcess(db: Database, change: OptionsChange): Promise<Release | null> {
  return withLockedApp(db, change.appId, async (tx, app) => {
    const { row } = app
    const current = row.currentRelease
    if (!current) throw new AppError('conflict', `Nothing is deployed to ${app.subject} yet. Deploy first.`)
    const processes = readProcesses(current.processes)
    const before = processes.find(({ name }) => name === change.process)
    if (before === undefined) throw unknown(app, change.process, processes)
    const file = await processesFileOf(tx, row.id, current.buildNumber)
    const options = changed(app, change, optionsIn(file?.[before.name] ?? {}))
    const problem = optionsProblem(before.kind, { ...options, ...optionsIn(file?.[before.name] ?? {}) })
    if (problem) throw new AppError('invalid_input', problem.message, { path: `options.${problem.key}` })
    const rows = row.processes.map((each) => (each.name === before.name ? { ...each, options } : each))
    const next = withOptions({ ...app, row: { ...row, processes: rows } }, processes, file)
    const after = next.find(({ name }) => name === before.name) ?? before
    const words = OPTION_KEYS.filter((key) => describeOption(key, before) !== describeOption(key, after)).map((key) =>
      describeOption(key, after),
    )
    if (words.length === 0) return null
    await tx.appProcess.updateMany({ where: { appId: row.id, name: before.name }, data: { options } })
    return insertRelease(db, tx, app, {
      kind: 'config',
      image: current.image,
      processes: next,
      description: `Change ${before.name}: ${words.join('; ')}`,
      actor: change.actor,
      action: 'app.configureProcess',
      buildNumber: current.buildNumber,
      commit: current.commit,
    })
  })
}

/** The app's own options of the process after the change. */
function changed({ row }: LockedApp, { process, options: patch }: OptionsChange, said: ProcessOptions): ProcessOptions {
  const contradicted = OPTION_KEYS.find((key) => patch[key] !== undefined && key in said)
  if (contradicted) {
    throw new AppError(
      'conflict',
      `slipway.yaml sets ${contradicted} of ${process}, and wins. Change it there and deploy again.`,
      { path: `options.${contradicted}` },
    )
  }
  const stored = row.processes.find(({ name }) => name === process)?.options
  return optionsIn({ ...processOptionsSchema.parse(stored ?? {}), ...withoutUndefined(patch) })
}

function withoutUndefined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Partial<T>
}

function unknown({ subject }: LockedApp, name: string, processes: readonly ProcessDefinition[]): AppError {
  const names = processes.map((each) => each.name).join(', ')
  return new AppError('not_found', `${subject} has no process ${name}. It has: ${names}.`)
}
