import type { KubernetesObject } from '../../types/objects.ts'

/** A pod template of a version; `play` says what its pods do, see `startPlayingKubelet`. */
export const template = (version: string, play = 'ready', more: Record<string, string> = {}, spec: object = {}) => ({
  metadata: { labels: { app: 'web', version, play, ...more } },
  spec: { containers: [{ name: 'app', image: 'busybox' }], ...spec },
})

/** A workload with the template `v1`. */
export const workload = (apiVersion: string, kind: string, name: string, spec: object): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { name },
  ...{ spec: { selector: { matchLabels: { app: 'web' } }, template: template('v1'), ...spec } },
})
