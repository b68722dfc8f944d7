import type { AppView } from '@slipway/domain'
import { appScope } from '../../auth/scope.ts'
import { createBell } from '../../server/pause.ts'
import { appProcedure } from '../procedures.ts'
import { appView } from '../views/app.ts'
import { watchRights } from './rights.ts'
import { rounds } from './rounds.ts'

/** The whole view of an app at once and whenever it changed; who reads slowly gets the newest. Ends with `not_found` when the app goes. */
export const liveApp = appProcedure('app.read').subscription(async function* ({
  ctx,
  input,
  signal,
}): AsyncGenerator<AppView> {
  const { apps } = ctx
  const { id } = ctx.scope.app
  let { role } = ctx.scope
  const bell = createBell()
  const watch = watchRights(
    ctx,
    async (caller) => {
      role = (await appScope(ctx.db, caller, input, 'app.read')).role
      bell.ring()
    },
    signal,
  )
  const stop = apps.onChangeOf(id, bell.ring)
  try {
    await apps.fresh([id])
    let last: AppView | null = null
    for await (const _ of rounds(bell, ctx.connection, watch.signal)) {
      const view = appView(apps, id, role)
      if (view !== last) yield view
      last = view
    }
    watch.throwIfRefused()
  } finally {
    stop()
    watch.stop()
  }
})
