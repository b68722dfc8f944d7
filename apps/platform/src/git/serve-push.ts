import type { IncomingMessage, ServerResponse } from 'node:http'
import { findActivePush, readDeployBranch } from '@slipway/db'
import { AppError, type AppErrorCode, buildWord, isAppError } from '@slipway/domain'
import { NO_REGISTRY } from '../apps/capabilities.ts'
import type { Logger } from '../server/logger.ts'
import { type DeployDependencies, deployPush } from './deploy-push.ts'
import { openPushAnswer, type PushAnswer, type RefResult } from './push-answer.ts'
import { type PushBody, pushBodyOf } from './push-body.ts'
import { readPushOptions } from './push-options.ts'
import { branchOf, type PushPlan, planPush } from './push-policy.ts'
import { encodePushHead, type PushRequest, type RefCommand, readPushRequest } from './push-request.ts'
import type { Push } from './pushes.ts'
import { runReceivePack } from './receive-pack.ts'
import { deleteRef, readRef, zeroLike } from './refs.ts'
import { PUSH_REFS, receiveConfig, tidyRepository } from './repositories.ts'

export interface PushDependencies extends DeployDependencies {
  /** False where no registry is configured. */
  canBuild: boolean
  /** How long a push waits where it does not say so itself. */
  pushTimeoutMs: number
  logger: Logger
}

interface Exchange {
  push: Push
  head: PushRequest
  body: PushBody
  answer: PushAnswer
  /** Aborted when the client goes away. */
  gone: AbortSignal
}

/**
 * One push, from its first byte to the report that decides git's exit code:
 * 1. refuse by the refs alone, before the objects are looked at;
 * 2. let git check and store the objects, under a ref of our own: now git has accepted;
 * 3. build, release, follow the rollout;
 * 4. report. The branch itself moves when what was pushed serves, so that the same push can be made again while it does not.
 */
export async function servePush(
  dependencies: PushDependencies,
  push: Push,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => response.writableFinished || gone.abort(new Error('the client went away')))
  const body = pushBodyOf(request)
  const head = await readPushRequest(body.stream)
  const answer = openPushAnswer(response, head.capabilities)
  if (head.commands.length === 0) {
    answer.end()
    return
  }
  const exchange = { push, head, body, answer, gone: gone.signal }
  const results = await judge(dependencies, exchange).catch((error) => giveUp(dependencies, exchange, error))
  if (results !== null) answer.report(results.unpack, results.refs)
  await tidyRepository(push.repositoryPath).catch((err) => dependencies.logger.warn({ err }, 'git gc failed'))
}

/** A refusal of ours, or a defect: said once the client has sent what it has to send. Null: nobody is there to hear it. */
async function giveUp(
  { logger }: PushDependencies,
  { push, head, body, answer, gone }: Exchange,
  error: unknown,
): Promise<Results | null> {
  if (gone.aborted && !body.isWhole()) return null
  if (!isAppError(error)) logger.error({ err: error, push: push.ref }, 'a push could not be served')
  answer.line(`! ${isAppError(error) ? error.message : OUR_FAULT}`)
  await body.drain(gone)
  const reason = isAppError(error) ? REPORTED[error.code] : undefined
  return { unpack: 'ok', refs: head.commands.map(({ ref }) => ({ ref, reason: reason ?? 'not deployed' })) }
}

const OUR_FAULT = 'Push rejected: something went wrong on our side. Try again; if it persists, see the platform’s log.'
const REPORTED: Partial<Record<AppErrorCode, string>> = { conflict: 'another push came first', too_large: 'too large' }

interface Results {
  unpack: string
  refs: RefResult[]
}

async function judge(dependencies: PushDependencies, exchange: Exchange): Promise<Results> {
  const { head, push, answer, body } = exchange
  const plan = planPush(head.commands, await readDeployBranch(dependencies.db, push.appId))
  const wait = readPushOptions(head.options, dependencies.pushTimeoutMs)
  if (plan.deploy !== null) await refuseEarly(dependencies, push, plan.deploy)
  if (plan.lines.length > 0) showRefusal(answer, plan)
  if (plan.deploy === null && plan.tags.length === 0) {
    await body.drain(exchange.gone)
    return { unpack: 'ok', refs: plan.refused }
  }
  const accepted = await receive(dependencies, exchange, plan)
  const target = PUSH_REFS + push.id
  const { deploy } = plan
  const refs: RefResult[] = [
    ...plan.refused,
    ...plan.tags.map(({ ref }) => ({ ref, reason: accepted.get(ref) ?? null })),
  ]
  if (deploy === null) return { unpack: 'ok', refs }
  const refusedByGit = accepted.get(target) ?? null
  if (refusedByGit !== null)
    return { unpack: accepted.get('unpack') ?? 'ok', refs: [...refs, { ref: deploy.ref, reason: refusedByGit }] }
  try {
    const branch = branchOf(deploy.ref)
    const reason = await deployPush(dependencies, {
      push,
      commit: deploy.to,
      branch,
      wait,
      line: answer.line,
      gone: exchange.gone,
    })
    return { unpack: 'ok', refs: [...refs, { ref: deploy.ref, reason }] }
  } finally {
    await deleteRef(push.repositoryPath, target)
  }
}

function showRefusal(answer: PushAnswer, { lines }: PushPlan): void {
  answer.line('')
  for (const text of lines) answer.line(`! ${text}`)
  answer.line('')
}

/** What can be refused without the objects. @throws AppError */
async function refuseEarly({ canBuild, db }: PushDependencies, push: Push, deploy: RefCommand): Promise<void> {
  if (!canBuild) throw new AppError('not_configured', `Push rejected: nothing was built. ${NO_REGISTRY}`)
  const current = await readRef(push.repositoryPath, deploy.ref)
  if ((current ?? zeroLike(deploy.from)) !== deploy.from) {
    throw new AppError('conflict', 'Push rejected: someone else deployed in the meantime. Fetch, then push again.')
  }
  const active = await findActivePush(db, push.appId, deploy.to)
  if (active === null) return
  throw new AppError(
    'conflict',
    `Push rejected: Build ${active.number} of ${active.commit.slice(0, 7)} is still ${buildWord(active.status).toLowerCase()}. Wait for it or cancel it, then push again.`,
  )
}

/** Lets git take the objects. Answers the refs that it refused, by their names; `unpack` too where the objects were refused. */
async function receive(
  { logger }: PushDependencies,
  { push, head, body, answer, gone }: Exchange,
  { deploy, tags }: PushPlan,
): Promise<Map<string, string>> {
  const commands = [
    ...(deploy === null ? [] : [{ from: zeroLike(deploy.to), to: deploy.to, ref: PUSH_REFS + push.id }]),
    ...tags,
  ]
  const cut = new AbortController()
  const whenGone = () => body.isWhole() || cut.abort(gone.reason)
  if (gone.aborted) whenGone()
  gone.addEventListener('abort', whenGone, { once: true })
  body.onError((error) => cut.abort(error))
  const report = await runReceivePack({
    repositoryPath: push.repositoryPath,
    env: receiveConfig(),
    head: Buffer.concat([encodePushHead(head.shallow, commands), head.rest]),
    body: body.stream,
    onProgress: answer.progress,
    onStderr: (text) => logger.debug({ push: push.ref, text }, 'git receive-pack'),
    signal: cut.signal,
  })
  if (report.unpack === 'ok') return new Map(report.refused)
  return new Map([['unpack', report.unpack], ...commands.map(({ ref }) => [ref, report.unpack] as const)])
}
