import {
  GRACE_SECONDS,
  parseCpuMillis,
  parseMemoryMiB,
  type ResourceLimits,
  reservedBy,
  surgeOf,
} from '@slipway/domain'
import { describe, expect, it } from 'vitest'
import { APPS, type App, anyApp, deployments, key, ofKind, renderApp, templates } from '../test/any-app.ts'
import { routedProcess } from './app.ts'
import { renderEnvironment } from './environment.ts'
import { appIdOf, LABELS, releaseOf } from './labels.ts'

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
        expect(appIdOf({ metadata })).toBe(app.appId)
        for (const value of Object.values(metadata.labels ?? {}))
          expect(value).toMatch(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/)
      }
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
      // An app whose objects do not name it yet keeps its pods when they do.
      expect(templates({ ...app, appId: 'other' })).toEqual(templates(app))
    }
  })

  it('starts new pods with a new release, and keeps its selectors and names', () => {
    for (const app of APPS) {
      const next = { ...app, release: app.release + 1 }
      expect(templates(next)).not.toEqual(templates(app))
      const identity = (each: App) => deployments(each).map(({ metadata, spec }) => [metadata.name, spec.selector])
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

it('requests what the quota reckons with, surge included', () => {
  for (const app of APPS) {
    const rendered = deployments(app)
    for (const [index, process] of app.processes.entries()) {
      const spec = rendered[index]?.spec
      const requests = spec?.template.spec?.containers[0]?.resources?.requests
      const of = (count: number) => ({
        cpuMillis: (parseCpuMillis(requests?.cpu ?? '') ?? 0) * count,
        memoryMiB: (parseMemoryMiB(requests?.memory ?? '') ?? 0) * count,
        instances: count,
      })
      expect(of(spec?.replicas ?? 1)).toEqual(reservedBy(process))
      const surge = Number(spec?.strategy?.rollingUpdate?.maxSurge)
      expect(of(process.instances > 0 ? surge : 0)).toEqual(surgeOf(process))
    }
  }
})

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
      egress: { allow: [], deny: [] },
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
