import { recordAudit, shownCommand } from '@slipway/db'
import { AppError, appPath, followExecInput, type InstanceView, type TerminalBatch } from '@slipway/domain'
import { type TrackedEnvelope, tracked } from '@trpc/server'
import { appScope } from '../../auth/scope.ts'
import { appProcedure } from '../procedures.ts'
import { watchRights } from './rights.ts'

/**
 * Runs a command in a running instance, audited before it begins. It is the caller's alone, and ends when their rights do, or two
 * minutes after their last connection.
 */
export const liveExec = appProcedure('app.exec')
  .input(followExecInput)
  .subscription(async function* ({ ctx, input, signal }): AsyncGenerator<TrackedEnvelope<TerminalBatch>> {
    const { app, environment, team } = ctx.scope
    const owner = { appId: app.id, userId: ctx.caller.userId }
    const watch = watchRights(ctx, (caller) => appScope(ctx.db, caller, input, 'app.exec'), signal)
    try {
      const isResumed = (input.lastEventId ?? null) !== null
      const instance = isResumed ? '' : instanceOf(ctx.apps.observed(app.id)?.instances ?? [], input.instance)
      const { exec: id, command, terminal } = input
      if (!isResumed) {
        const subject = appPath(input)
        const summary = `Ran ${shownCommand(command)} in ${instance}${terminal ? ', in a terminal' : ''}.`
        await recordAudit(ctx.db, { teamId: team.id, actor: ctx.caller, action: 'exec.start', subject, summary })
      }
      const exec = { id, ...owner, namespace: environment.namespace, instance, command, terminal, isResumed }
      const options = {
        resumeFrom: input.lastEventId ?? null,
        size: input.size,
        sink: ctx.connection ?? { backlogBytes: () => 0 },
        signal: watch.signal,
      }
      for await (const { id, batch } of ctx.ports.terminals.followExec(exec, options)) yield tracked(id, batch)
      watch.throwIfRefused()
    } catch (error) {
      if (error instanceof AppError && REFUSALS.has(error.code)) ctx.ports.terminals.closeExec(input.exec, owner)
      throw error
    } finally {
      watch.stop()
    }
  })

const REFUSALS = new Set(['forbidden', 'not_found', 'unauthenticated'])

/** The instance that is meant, by its name or its process. Throws `not_found`, and `conflict` where none runs. */
function instanceOf(instances: readonly InstanceView[], named: string | undefined): string {
  const meant = instances.filter(({ name, process }) => named === undefined || name === named || process === named)
  const found = meant.find(({ ready }) => ready) ?? meant.find(({ state }) => state === 'running') ?? meant[0]
  if (found !== undefined) return found.name
  if (named === undefined) throw new AppError('conflict', 'No instance is running. Deploy or scale the app first.')
  const names = instances.map(({ name }) => name)
  const choices = names.length === 0 ? 'None is running.' : `Running: ${names.slice(0, 10).join(', ')}.`
  throw new AppError('not_found', `There is no instance or process ${named} of this app. ${choices}`)
}
