import { type AppToRender, GRACE_SECONDS, type ResourceLimits, reservedBy, surgeOf } from '@slipway/domain'
import type { Deployment } from 'kubernetes-types/apps/v1.d.ts'
import { describe, expect, it } from 'vitest'
import { renderApp, routedProcess } from './app.ts'
import { renderEnvironment } from './environment.ts'
import { appSelector, LABELS, releaseOf } from './labels.ts'
import type { KubeObject } from './object.ts'
import { keepOf, PRUNABLE_TYPES } from './prune.ts'

/** Repeatable pseudo-random numbers (a linear congruential generator), so that a failure can be seen again. */
function dice(seed: number) {
  let state = seed
  return (below: number) => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return Math.floor((state / 2 ** 32) * below)
  }
}

function anyApp(seed: number): AppToRender {
  const roll = dice(seed)
  const word = () => ['a', 'web', 'web-a', 'a-web', 'shop', 'x'.repeat(40), `${'y'.repeat(38)}-z`][roll(7)] ?? 'a'
  const names = [...new Set(Array.from({ length: 1 + roll(4) }, word))]
  return {
    team: word(),
    project: word(),
    environment: word(),
    app: word(),
    namespace: 'ns',
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

const APPS = Array.from({ length: 300 }, (_, seed) => anyApp(seed))
const ofKind = (objects: KubeObject[], kind: string) => objects.filter((object) => object.kind === kind)
const deployments = (app: AppToRender) => ofKind(renderApp(app), 'Deployment') as unknown as Required<Deployment>[]
const templates = (app: AppToRender) => deployments(app).map(({ spec }) => spec.template)
const key = ({ kind, metadata }: KubeObject) => `${kind}/${metadata.name}`

describe('every app that can be rendered', () => {
  it('gives web processes the time to start that they ask for, and the roll-out longer', () => {
    for (const app of APPS) {
      const processes = app.processes.map((each) => ({ ...each, startTimeoutSeconds: 1800 }))
      for (const { spec } of deployments({ ...app, processes })) {
        const probe = spec.template.spec?.containers[0]?.startupProbe
        if (probe) expect(probe).toMatchObject({ periodSeconds: 1, failureThreshold: 1800 })
        expect(spec.progressDeadlineSeconds).toBeGreaterThan(1800)
      }
    }
  })

  it('has objects with names and labels that Kubernetes takes, in one namespace, none twice', () => {
    for (const app of APPS) {
      const objects = renderApp(app)
      expect(new Set(objects.map(key)).size).toBe(objects.length)
      for (const { metadata } of objects) {
        expect(metadata.namespace).toBe('ns')
        expect(metadata.name).toMatch(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/)
        expect(metadata.labels?.[LABELS.app]).toBe(app.app)
        for (const value of Object.values(metadata.labels ?? {}))
          expect(value).toMatch(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/)
      }
      const types = PRUNABLE_TYPES.map(({ apiVersion, kind }) => `${apiVersion}/${kind}`)
      for (const { apiVersion, kind } of objects) expect(types).toContain(`${apiVersion}/${kind}`)
    }
  })

  it('keeps its pods when it is scaled or gets other hosts', () => {
    for (const app of APPS) {
      const scaled = {
        ...app,
        hostnames: ['new.example.com'],
        processes: app.processes.map((each) => ({ ...each, instances: each.instances + 2 })),
      }
      expect(templates(scaled)).toEqual(templates(app))
    }
  })

  it('starts new pods with a new release, and keeps its selectors and names', () => {
    for (const app of APPS) {
      const next = { ...app, release: app.release + 1 }
      expect(templates(next)).not.toEqual(templates(app))
      const identity = (each: AppToRender) =>
        deployments(each).map(({ metadata, spec }) => [metadata.name, spec.selector])
      expect(identity(next)).toEqual(identity(app))
    }
  })

  it('selects its own pods and no others', () => {
    const app = { ...anyApp(1), app: 'shop', processes: ['web', 'web-a'].map((name) => ({ ...one, name })) }
    for (const { spec } of deployments(app)) {
      const selected = deployments(app).filter((other) =>
        Object.entries(spec.selector.matchLabels ?? {}).every(
          ([label, value]) => other.spec.template.metadata?.labels?.[label] === value,
        ),
      )
      expect(selected).toHaveLength(1)
    }
  })

  it('is not stopped for a rolling update, and has time to stop', () => {
    for (const app of APPS)
      for (const { spec } of deployments(app)) {
        expect(spec.strategy?.rollingUpdate).toEqual({ maxUnavailable: 0, maxSurge: 1 })
        const pause = spec.template.spec?.containers[0]?.lifecycle?.preStop?.sleep?.seconds ?? 0
        expect(spec.template.spec?.terminationGracePeriodSeconds).toBe(GRACE_SECONDS)
        expect(pause).toBeLessThan(GRACE_SECONDS / 2)
      }
  })

  it('can be drained: no PodDisruptionBudget stands in the way of a single instance', () => {
    for (const app of APPS) {
      const guarded = ofKind(renderApp(app), 'PodDisruptionBudget').length
      expect(guarded).toBe(app.processes.filter(({ instances }) => instances >= 2).length)
    }
  })

  it('routes its hosts to a web process or not at all', () => {
    for (const app of APPS) {
      const [ingress] = ofKind(renderApp(app), 'Ingress')
      const web = routedProcess(app.processes)
      expect(Boolean(ingress)).toBe(Boolean(web && app.route && app.hostnames.length > 0))
      if (ingress)
        expect(JSON.stringify(ingress)).toContain(
          `"name":"${deployments(app).find((each) => each.spec.template.metadata?.labels?.[LABELS.process] === web?.name)?.metadata.name}"`,
        )
    }
  })

  it('holds its config in an immutable Secret of its release, byte by byte', () => {
    for (const app of APPS) {
      const [secret] = ofKind(renderApp(app), 'Secret')
      const data = Object.entries((secret?.data ?? {}) as Record<string, string>)
      expect(
        Object.fromEntries(data.map(([name, value]) => [name, Buffer.from(value, 'base64').toString('utf8')])),
      ).toEqual(app.config)
      expect(secret?.immutable).toBe(true)
      expect(releaseOf({ metadata: secret?.metadata })).toBe(app.release)
      expect(JSON.stringify(deployments(app))).not.toContain('✓')
    }
  })
})

const one = { name: 'web', kind: 'web' as const, command: null, instances: 2, cpuMillis: 100, memoryMiB: 100 }

it('what the platform admits with its surge fits the ResourceQuota while it rolls', () => {
  const need = [reservedBy(one), surgeOf(one)]
  const limits: ResourceLimits = {
    cpuMillis: need.reduce((sum, each) => sum + each.cpuMillis, 0),
    memoryMiB: need.reduce((sum, each) => sum + each.memoryMiB, 0),
    instances: need.reduce((sum, each) => sum + each.instances, 0),
  }
  const quota = ofKind(
    renderEnvironment({
      team: 't',
      project: 'p',
      environment: 'e',
      namespace: 'ns',
      limits,
      ingressNamespace: null,
      pullCredentials: [],
      podSecurity: 'baseline',
    }),
    'ResourceQuota',
  )[0]
  expect(quota?.spec).toEqual({
    hard: { 'requests.cpu': '300m', 'requests.memory': '300Mi', 'limits.memory': '300Mi', pods: '3' },
  })
  const [container] = templates({ ...anyApp(1), processes: [one] })[0]?.spec?.containers ?? []
  expect(container?.resources?.requests).toEqual({ cpu: '100m', memory: '100Mi' })
  expect(container?.resources?.limits?.memory).toBe('100Mi')
})

describe('what the namespace admits', () => {
  const pods = (runsAsNonRoot: boolean) => templates({ ...anyApp(3), processes: [one], runsAsNonRoot })

  // https://kubernetes.io/docs/concepts/security/pod-security-standards/
  it('is at least baseline for every image', () => {
    for (const { spec } of pods(false)) {
      expect(spec).not.toHaveProperty('hostNetwork')
      expect(spec).not.toHaveProperty('volumes')
      expect(spec?.securityContext?.seccompProfile?.type).toBe('RuntimeDefault')
      for (const { securityContext, ports } of spec?.containers ?? []) {
        expect(securityContext).not.toHaveProperty('privileged')
        expect(securityContext?.capabilities?.add ?? []).toEqual([])
        for (const port of ports ?? []) expect(port).not.toHaveProperty('hostPort')
      }
    }
  })

  it('is restricted for images that do not run as root', () => {
    for (const { spec } of pods(true))
      for (const { securityContext } of spec?.containers ?? []) {
        expect(securityContext).toMatchObject({
          allowPrivilegeEscalation: false,
          runAsNonRoot: true,
          capabilities: { drop: ['ALL'] },
        })
      }
  })

  it('never carries a service account token or the Services of others', () => {
    for (const { spec } of [...pods(true), ...pods(false)]) {
      expect(spec).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false })
    }
  })
})

describe('pruning', () => {
  it('keeps what is rendered and the Secrets of releases that still run', () => {
    const app = { ...anyApp(5), app: 'shop', processes: [one], release: 7 }
    const rendered = renderApp(app)
    const old = (release: number) => ofKind(renderApp({ ...app, release }), 'Secret')[0]
    const keep = keepOf(rendered, [{ metadata: { labels: { [LABELS.release]: '6' } } }, { metadata: {} }])
    expect(rendered.every(keep)).toBe(true)
    expect([5, 6, 7].map((release) => keep(old(release) ?? {}))).toEqual([false, true, true])
    const worker = renderApp({ ...app, processes: [{ ...one, name: 'gone' }] }).filter(({ kind }) => kind !== 'Secret')
    expect(worker.some((object) => object.kind === 'Deployment' && keep(object))).toBe(false)
    expect(keep({ kind: 'Secret', metadata: { name: 'other' } })).toBe(false)
  })

  it('looks by a selector that finds all objects of the app', () => {
    expect(appSelector('shop')).toBe('app.kubernetes.io/managed-by=slipway,slipway.dev/app=shop')
  })
})
