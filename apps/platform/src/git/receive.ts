import { randomUUID } from 'node:crypto'
import { resolve, sep } from 'node:path'
import { type Build, createBuild, type Database } from '@slipway/db'
import { isAppError, isBuildOver } from '@slipway/domain'
import { z } from 'zod'
import { NO_REGISTRY } from '../api/capabilities.ts'
import type { BuildLogs } from '../live/build-logs.ts'
import type { SourceStore } from '../sources/store.ts'
import { git } from './git.ts'
import type { Push } from './pushes.ts'
import { DEPLOY_BRANCH } from './repositories.ts'

/** What the pre-receive hook sends: the refs as git gives them, and where the objects that are not accepted yet lie. */
export const hookCallSchema = z.object({
  updates: z
    .array(z.object({ from: z.string().max(64), to: z.string().max(64), ref: z.string().max(1000) }))
    .max(10_000),
  quarantine: z.object({
    objectDirectory: z.string().max(4096).nullable(),
    alternates: z.string().max(65_536).nullable(),
  }),
})
export type HookCall = z.infer<typeof hookCallSchema>

export type HookAnswer = { line: string } | { accepted: boolean }

export interface ReceiveDependencies {
  db: Database
  sources: SourceStore
  buildLogs: BuildLogs
  /** False where no registry is configured. */
  canBuild: boolean
  /** Address of the app, null where it has none; and of its page. */
  describeApp(appId: string): Promise<{ url: string | null; pageUrl: string }>
}

const ACCEPT: HookAnswer = { accepted: true }
const REJECT: HookAnswer = { accepted: false }
const line = (text: string): HookAnswer => ({ line: text })
const refuse = (...texts: string[]): HookAnswer[] => [
  line(''),
  ...texts.map((text) => line(`! ${text}`)),
  line(''),
  REJECT,
]

/** Decides on a push: builds what was pushed to the deploy branch and answers the lines that the client is shown. */
export async function* receivePush(
  dependencies: ReceiveDependencies,
  push: Push,
  call: HookCall,
  signal: AbortSignal,
): AsyncGenerator<HookAnswer> {
  const update = call.updates.find(({ ref }) => ref === `refs/heads/${DEPLOY_BRANCH}`)
  if (update === undefined) {
    yield* withoutDeploy(call)
    return
  }
  if (/^0+$/.test(update.to)) {
    yield* refuse(
      `The branch ${DEPLOY_BRANCH} is what is deployed; it can not be deleted.`,
      'Delete the app to end it.',
    )
    return
  }
  if (!dependencies.canBuild) {
    yield* refuse('Push rejected: nothing was built.', NO_REGISTRY)
    return
  }
  try {
    const build = await beginBuild(dependencies, push, call, update.to, signal)
    yield* followToEnd(dependencies, push, build, signal)
  } catch (error) {
    if (!isAppError(error)) throw error
    yield* refuse(`Push rejected: ${error.message}`)
  }
}

function* withoutDeploy(call: HookCall): Generator<HookAnswer> {
  const branches = call.updates.filter(({ ref }) => ref.startsWith('refs/heads/'))
  const branch = branches[0]?.ref.slice('refs/heads/'.length)
  if (branch === undefined) {
    yield line(`Tags are kept. Only pushes to ${DEPLOY_BRANCH} are deployed; nothing was built.`)
    yield ACCEPT
    return
  }
  yield* refuse(
    `Push rejected: only the branch ${DEPLOY_BRANCH} is deployed, so ${branch} was not taken and nothing was built.`,
    `To deploy it: git push slipway ${branch}:${DEPLOY_BRANCH}`,
  )
}

async function beginBuild(
  { db, sources }: ReceiveDependencies,
  push: Push,
  call: HookCall,
  commit: string,
  signal: AbortSignal,
): Promise<Build> {
  const env = quarantineEnvironment(push.repositoryPath, call.quarantine)
  const message = await git(['log', '-1', '--format=%s', commit], {
    env: { GIT_DIR: push.repositoryPath, ...env },
    signal,
    timeoutMs: 30_000,
  })
  const sourceName = randomUUID()
  await sources.archive({ id: sourceName, repositoryPath: push.repositoryPath, commit, env, signal })
  try {
    const { build, existing } = await createBuild(db, {
      appId: push.appId,
      trigger: 'push',
      commit,
      branch: DEPLOY_BRANCH,
      message: message.trim(),
      actor: push.actor,
      sourceName,
    })
    if (existing) await sources.remove(sourceName)
    return build
  } catch (error) {
    await sources.remove(sourceName)
    throw error
  }
}

/** Objects of the push in progress. The hook names the directory; nothing outside of its own repository is believed. */
function quarantineEnvironment(repositoryPath: string, quarantine: HookCall['quarantine']): Record<string, string> {
  const objects = resolve(repositoryPath, 'objects')
  if (quarantine.objectDirectory === null) return {}
  const directory = resolve(repositoryPath, quarantine.objectDirectory)
  if (directory !== objects && !directory.startsWith(objects + sep))
    throw new Error('the quarantine is not in the repository')
  return { GIT_OBJECT_DIRECTORY: directory, GIT_ALTERNATE_OBJECT_DIRECTORIES: objects }
}

async function* followToEnd(
  dependencies: ReceiveDependencies,
  push: Push,
  build: Build,
  signal: AbortSignal,
): AsyncGenerator<HookAnswer> {
  const { db, buildLogs } = dependencies
  const read = () =>
    db.client.build.findUnique({ where: { id: build.id }, include: { release: { select: { number: true } } } })
  const isOver = async () => {
    const row = await read()
    return row === null || isBuildOver(row.status)
  }
  if (isBuildOver(build.status)) {
    yield line(`This commit is what runs already (build ${build.number}); nothing was built.`)
  } else {
    yield line(`Building ${build.commit.slice(0, 7)} (build ${build.number}):`)
    yield line('')
    for await (const { entries } of buildLogs.follow(build.id, { from: 0, isOver, signal })) {
      for (const { text } of entries) yield line(text)
    }
  }
  const over = await read()
  if (over?.status === 'succeeded') {
    yield* success(dependencies, push, over.release?.number ?? null)
    return
  }
  if (over !== null && !isBuildOver(over.status)) {
    yield* refuse(
      `Push rejected: Slipway is restarting. Build ${build.number} goes on by itself and is released when it succeeds.`,
      'Push again to see how it ends.',
    )
    return
  }
  yield* refuse(...(over === null ? ['Push rejected: the app was deleted while it was built.'] : failureLines(over)))
}

function failureLines(build: Build): string[] {
  const failure = build.failure ?? 'It ended without saying why.'
  switch (build.status) {
    case 'cancelled':
      return [`Push rejected: build ${build.number} was cancelled. ${failure}`]
    case 'timed_out':
      return [`Push rejected: build ${build.number} took too long. ${failure}`]
    default:
      return [`Push rejected: build ${build.number} failed. ${failure}`]
  }
}

async function* success(
  { describeApp }: ReceiveDependencies,
  push: Push,
  release: number | null,
): AsyncGenerator<HookAnswer> {
  const { url, pageUrl } = await describeApp(push.appId)
  yield line('-----> Launching...')
  if (release !== null) yield line(`       Released v${release}`)
  if (url !== null) yield line(`       ${url} deployed to Slipway`)
  yield line(`       ${url === null ? 'No ingress is configured. ' : ''}Follow it at ${pageUrl}`)
  yield line('')
  yield ACCEPT
}
