import type { AppToRender, TrackToRender } from '@slipway/domain'
import { appLabels, releaseLabels } from './labels.ts'
import { secretName } from './names.ts'
import { define, type KubeObject } from './object.ts'

type Owner = Pick<AppToRender, 'team' | 'project' | 'environment' | 'namespace' | 'app'> &
  Pick<TrackToRender, 'release' | 'config'>

/** The immutable Secret with a release's config. */
export function releaseSecret(app: Owner): KubeObject {
  return define({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: secretName(app.app, app.release),
      namespace: app.namespace,
      labels: { ...appLabels(app), ...releaseLabels(app.release) },
    },
    type: 'Opaque',
    immutable: true,
    data: Object.fromEntries(
      Object.entries(app.config)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => [key, Buffer.from(value, 'utf8').toString('base64')]),
    ),
  })
}
