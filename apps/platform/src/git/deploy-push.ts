import { type Build, createBuild } from '@slipway/db'
import { isAppError, isBuildOver } from '@slipway/domain'
import type { KeptLogs } from '../live/kept-logs.ts'
import { followBuild } from './follow-build.ts'
import { followRollout, type RolloutParts } from './follow-rollout.ts'
import { inWords, type PushWait } from './push-options.ts'
import type { Push } from './pushes.ts'
import { settleDeployedRef, subjectOf, updateRef } from './refs.ts'
import { buildRef, type Repositories } from './repositories.ts'

export interface DeployDependencies extends RolloutParts {
  repositories: Repositories
  buildLogs: KeptLogs
  /** Address of the app, null where it has none; that of its page; and whether a web process could answer. */
  describeApp(appId: string): Promise<{ url: string | null; pageUrl: string; hasWeb: boolean }>
  /** Aborted when the process stops: pushes that wait are told so. */
  stopping: AbortSignal
  /** Aborted when who pushes may no longer do so: nothing of the app is shown from then on. */
  accessLost: AbortSignal
}

export interface AcceptedPush {
  push: Push
  /** Stored in the repository, under a ref of our own. */
  commit: string
  branch: string
  wait: PushWait
  line: (text: string) => void
  /** Aborted when the client went away. */
  gone: AbortSignal
}

/**
 * Builds, releases and follows a commit that git has accepted. Answers null once it serves (or is released, where nobody waits);
 * otherwise the reason for git's report, its cause having been shown. What is under way goes on when nobody follows it.
 */
export async function deployPush(dependencies: DeployDependencies, accepted: AcceptedPush): Promise<string | null> {
  const { push, commit, branch, wait, line } = accepted
  const { db, repositories } = dependencies
  if (dependencies.accessLost.aborted) {
    line('! Push rejected: your access to this app has ended. Nothing was built.')
    return NO_ACCESS
  }
  const repository = repositories.path(push.appId)
  let begun: { build: Build; existing: boolean }
  try {
    const message = await subjectOf(repository, commit)
    begun = await createBuild(db, { appId: push.appId, trigger: 'push', commit, branch, message, actor: push.actor })
  } catch (error) {
    if (!isAppError(error)) throw error
    line(`! Push rejected: ${error.message}`)
    return error.code === 'conflict' ? 'another push is being built' : 'it was not built'
  }
  const { build } = begun
  await updateRef(repository, buildRef(build.number), commit)
  const limit = AbortSignal.timeout(wait.limitMs)
  const signal = AbortSignal.any([limit, accepted.gone, dependencies.stopping, dependencies.accessLost])
  const reason = await follow(dependencies, accepted, build, signal)
  if (reason !== null && signal.aborted && !accepted.gone.aborted)
    sayWhyLeft(dependencies, accepted, reason, limit.aborted)
  return reason
}

const NO_ACCESS = 'your access has ended'

async function follow(
  dependencies: DeployDependencies,
  accepted: AcceptedPush,
  build: Build,
  signal: AbortSignal,
): Promise<string | null> {
  const { push, wait, line } = accepted
  const { db, repositories } = dependencies
  if (isBuildOver(build.status)) line(`This commit is already running (build ${build.number}); nothing was built.`)
  else {
    line(`Building ${build.commit.slice(0, 7)} (build ${build.number}):`)
    // A cut connection cannot be answered any more, and git calls that a failure.
    line(`(If the connection is lost, build and deploy go on. Follow them with "slipway builds log", or push again.)`)
    line('')
    const built = await followBuild(dependencies, build, line, signal)
    if (!built.succeeded) return built.reason
    if (built.release !== null) line(`-----> Released v${built.release}`)
  }
  if (!wait.rollout) {
    await updateRef(repositories.path(push.appId), `refs/heads/${accepted.branch}`, build.commit)
    const { pageUrl } = await dependencies.describeApp(push.appId)
    line(`       Not waiting for the rollout. Follow it at ${pageUrl}`)
    return null
  }
  line(`-----> Waiting until it is live, up to ${inWords(wait.limitMs)} (git push -o timeout=…, or -o no-wait)`)
  const rollout = await followRollout(dependencies, { appId: push.appId, build: build.number }, line, signal)
  if (!rollout.live) return rollout.reason
  await settleDeployedRef(db, repositories, push.appId)
  for (const text of liveLines(rollout.release, await dependencies.describeApp(push.appId))) line(`       ${text}`)
  line('')
  return null
}

function liveLines(
  release: number,
  { url, pageUrl, hasWeb }: { url: string | null; pageUrl: string; hasWeb: boolean },
): string[] {
  if (url !== null) return [`${url} deployed to Slipway (v${release})`]
  const why = hasWeb
    ? 'It has no address: no ingress is configured.'
    : 'It has no web process; nothing answers at an address.'
  return [`v${release} is live. ${why}`, `Its page is ${pageUrl}`]
}

function sayWhyLeft(
  { stopping, accessLost }: DeployDependencies,
  { wait, line }: AcceptedPush,
  reason: string,
  atLimit: boolean,
): void {
  if (accessLost.aborted) line(` !     Your access to this app has ended: ${reason} without you.`)
  else if (stopping.aborted) line(` !     Slipway is restarting: ${reason}. Push again to follow it.`)
  else if (atLimit)
    line(` !     The limit of this push, ${inWords(wait.limitMs)}, is over: ${reason}. Push again to follow it.`)
}
