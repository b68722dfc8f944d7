import type { RenderedProcess } from '@slipway/domain'
import { LABELS, selectorLabels, trackedLabels } from './labels.ts'
import { workloadName } from './names.ts'
import { define, type KubeObject } from './object.ts'
import { PORT_NAME } from './pod.ts'
import type { Rendering } from './rendering.ts'

/** Port of the Service; the pods' own is PORT. */
export const SERVICE_PORT = 80

/** The Service of one process on one track. */
export function service(app: Rendering, process: RenderedProcess): KubeObject {
  const { servedRelease: release } = app
  return define({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: workloadName(app.app, process.name, app.track),
      namespace: app.namespace,
      labels: trackedLabels(app, process.name),
    },
    spec: {
      type: 'ClusterIP',
      selector: {
        ...selectorLabels(app.app, process.name, app.track),
        ...(release === null ? {} : { [LABELS.release]: String(release) }),
      },
      ports: [{ name: PORT_NAME, port: SERVICE_PORT, protocol: 'TCP', targetPort: PORT_NAME }],
    },
  })
}
