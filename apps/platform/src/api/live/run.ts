import { getRun } from '@slipway/db'
import { followRunInput, type RunLogBatch } from '@slipway/domain'
import { runJobName } from '@slipway/manifests'
import { type TrackedEnvelope, tracked } from '@trpc/server'
import { appScope } from '../../auth/scope.ts'
import { appProcedure } from '../procedures.ts'
import { runView } from '../views/run.ts'
import { watchRights } from './rights.ts'

/** The output of a command that runs once, until it has ended; the last event carries how. */
export const liveRun = appProcedure('app.run')
  .input(followRunInput)
  .subscription(async function* ({ ctx, input, signal }): AsyncGenerator<TrackedEnvelope<RunLogBatch>> {
    const { app, environment, team } = ctx.scope
    const read = async () => runView(await getRun(ctx.db, app.id, input.run), ctx.caller)
    const watch = watchRights(ctx, (caller) => appScope(ctx.db, caller, input, 'app.run'), signal)
    try {
      let run = await read()
      let position = input.lastEventId ?? BEGINNING
      const isOver = async () => {
        run = await read()
        return run.endedAt !== null
      }
      const job = runJobName({ app: app.slug, run: run.id })
      const options = {
        resumeFrom: input.lastEventId ?? null,
        isOver,
        sink: ctx.connection ?? { backlogBytes: () => 0 },
        signal: watch.signal,
      }
      const of = { id: run.id, team: team.slug, namespace: environment.namespace, job }
      for await (const { id, lines, waiting } of ctx.ports.live.followRun(of, options)) {
        position = id
        yield tracked(id, { lines, run, waiting })
      }
      watch.throwIfRefused()
      run = await read()
      yield tracked(position, { lines: [], run, waiting: null })
    } finally {
      watch.stop()
    }
  })

/** An id of no position, for the end of a command without output. */
const BEGINNING = 'beginning'
