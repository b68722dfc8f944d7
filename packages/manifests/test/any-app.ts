import type { AppToRender, TrackToRender } from '@slipway/domain'
import type { Deployment } from 'kubernetes-types/apps/v1.d.ts'
import { dice } from '../../domain/test/dice.ts'
import { renderApp as render } from '../src/app.ts'
import type { KubeObject } from '../src/object.ts'

/** One release, on one track. */
export type App = Omit<AppToRender, 'tracks'> & TrackToRender

export function anyApp(seed: number): App {
  const roll = dice(seed)
  const word = () => ['a', 'web', 'web-a', 'a-web', 'shop', 'x'.repeat(40), `${'y'.repeat(38)}-z`][roll(7)] ?? 'a'
  const names = [...new Set(Array.from({ length: 1 + roll(4) }, word))]
  return {
    appId: `id-${seed}`,
    team: word(),
    project: word(),
    environment: word(),
    app: word(),
    namespace: 'ns',
    track: 'stable',
    weight: 100,
    release: 1 + roll(5000),
    image: `registry.example/app:${roll(9)}`,
    config: Object.fromEntries(Array.from({ length: roll(5) }, (_, n) => [`KEY_${n}`, '✓ \n"'.repeat(roll(20))])),
    processes: names.map((name) => ({
      name,
      kind: roll(2) === 0 ? 'web' : 'worker',
      command: roll(2) === 0 ? null : ['sh', '-c', 'run'],
      instances: roll(6),
      cpuMillis: 10 + roll(4000),
      memoryMiB: 16 + roll(4000),
    })),
    hostnames: Array.from({ length: roll(3) }, (_, n) => `h${n}.example.com`),
    route: roll(3) === 0 ? null : { kind: 'ingress', className: 'nginx', clusterIssuer: null },
    runsAsNonRoot: roll(2) === 0,
  }
}

const trackOf = ({ track, weight, release, image, config, processes, runsAsNonRoot }: App): TrackToRender => ({
  ...{ track, weight, release, image, config, processes, runsAsNonRoot },
})
export const renderApp = (app: App) => render({ ...app, tracks: [trackOf(app)] })
export const APPS = Array.from({ length: 300 }, (_, seed) => anyApp(seed))
export const ofKind = (objects: KubeObject[], kind: string) => objects.filter((object) => object.kind === kind)
export const deployments = (app: App) => ofKind(renderApp(app), 'Deployment') as unknown as Required<Deployment>[]
export const templates = (app: App) => deployments(app).map(({ spec }) => spec.template)
export const key = ({ kind, metadata }: KubeObject) => `${kind}/${metadata.name}`
