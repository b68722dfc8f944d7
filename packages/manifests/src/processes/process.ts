import type { RenderedProcess } from '@slipway/domain'
import type { KubeObject } from '../object.ts'
import type { Rendering } from '../rendering.ts'

/** How one kind of process is rendered, on one track of an app. */
export interface ProcessRenderer {
  /** What leads requests to its pods. */
  services(app: Rendering, process: RenderedProcess): KubeObject[]
  /** What runs its pods; null where nothing of the app's own does. */
  workload(app: Rendering, process: RenderedProcess): KubeObject | null
}
