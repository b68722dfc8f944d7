import type { Database, WantedApp } from '@slipway/db'
import type { KubeObject } from '@slipway/kube'
import { LRUCache } from 'lru-cache'
import { inputsOf, renderWanted } from '../apps/rendered-app.ts'
import type { PlatformSettings } from '../env.ts'
import type { AppliedObject, Applier } from './apply.ts'

/** Beyond this the apps that were not reconciled for longest are rendered once more. */
const MAX_KEPT = 20_000

/** What was applied for an app: without the objects, which hold its config in clear. */
interface Kept {
  inputs: string
  objects: readonly AppliedObject[]
}

/** An app is rendered, its config decrypted and its objects hashed, when what they follow from changed; not when a pod moves. */
export interface Renderings {
  /** What is wanted of an app is applied already, as these objects; null: render it. */
  applied(app: WantedApp): readonly AppliedObject[] | null
  /** Decrypts the release's config and renders; nothing when nothing is deployed. */
  render(app: WantedApp): Promise<KubeObject[]>
  /** Everything that `render` answered was applied. */
  keep(app: WantedApp, objects: readonly KubeObject[]): void
  forget(id: string): void
}

export function createRenderings(
  db: Database,
  settings: PlatformSettings,
  applier: Pick<Applier, 'describe' | 'isCurrent'>,
): Renderings {
  const kept = new LRUCache<string, Kept>({ max: MAX_KEPT })
  return {
    applied(app) {
      const known = kept.get(app.id)
      if (known === undefined || known.inputs !== keyOf(app, settings)) return null
      return known.objects.every((each) => applier.isCurrent(each)) ? known.objects : null
    },
    render: (app) => renderWanted(db, settings, app),
    keep: (app, objects) => void kept.set(app.id, { inputs: keyOf(app, settings), objects: applier.describe(objects) }),
    forget: (id) => void kept.delete(id),
  }
}

const keyOf = (app: WantedApp, settings: PlatformSettings) => JSON.stringify(inputsOf(app, settings))
