import type { AppView } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { appScope } from '../scope.ts'
import { loadAppView } from '../views/app.ts'
import { changes, checkCaller } from './changes.ts'

/** The whole view of an app whenever it changed, at most five times a second. Ends with `not_found` when the app goes. */
export const liveApp = appProcedure('app.read').subscription(async function* ({
  ctx,
  input,
  signal,
}): AsyncGenerator<AppView> {
  const { id } = ctx.scope.app
  let last = ''
  for await (const _ of changes(ctx, { isRelevant: (appId) => appId === id, intervalMs: 200, signal })) {
    const { role } = await appScope(ctx.db, await checkCaller(ctx), input, 'app.read')
    const view = await loadAppView(ctx, id, role)
    const text = JSON.stringify(view)
    if (text === last) continue
    last = text
    yield view
  }
})
