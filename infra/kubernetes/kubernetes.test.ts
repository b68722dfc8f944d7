import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readSettings } from '../../apps/platform/src/env.ts'
import { FOREIGN_VARIABLES, read, readsVariable } from '../repository.ts'
import { hasKustomize, kustomized, OVERLAYS, type Rendered, templateOf, WORKLOADS } from './rendered.ts'

// Debian 12's own kubectl is too old: the rendered overlays are then not tested.
if (!hasKustomize) console.warn('kubectl with kustomize 5 is missing: the overlays are not rendered')

const labelsSchema = z.record(z.string(), z.string())
const policySchema = z.object({
  podSelector: z.object({ matchLabels: labelsSchema.default({}) }),
  policyTypes: z.array(z.enum(['Ingress', 'Egress'])),
})
/** Read by the part of the platform that gives it roles. */
const READ_WITH_ROLES = ['SLIPWAY_ROLES', 'SLIPWAY_GIT_URL']

/** What the README has people put into the Secret, by its key. */
const SECRET: Record<string, string> = {
  DATABASE_URL: 'postgresql://slipway:secret@db.example.com/slipway',
  POSTGRES_PASSWORD: 'secret',
  SLIPWAY_REGISTRY_TOKEN_KEY: generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString(),
  REGISTRY_TOKEN_CERTIFICATE: 'a certificate',
  SLIPWAY_REGISTRY_USERNAME: 'slipway',
  SLIPWAY_REGISTRY_PASSWORD: 'secret',
  SLIPWAY_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
  SLIPWAY_SESSION_SECRET: 's'.repeat(44),
}

describe.skipIf(!hasKustomize).each(OVERLAYS)('the overlay %s', (overlay) => {
  const objects: Rendered[] = hasKustomize ? kustomized(`overlays/${overlay}`) : []
  const ofKind = (...kinds: string[]) => objects.filter(({ kind }) => kinds.includes(kind))
  const named = (kind: string, name: string) => ofKind(kind).find(({ metadata }) => metadata.name === name)
  const workloads = ofKind(...WORKLOADS)
  const settings = hasKustomize ? z.object({ data: labelsSchema }).parse(named('ConfigMap', 'slipway')).data : {}

  it('puts everything that has a namespace into one', () => {
    const outside = objects.filter(({ metadata }) => metadata.namespace !== 'slipway-system').map(({ kind }) => kind)
    for (const kind of outside)
      expect(['ClusterRole', 'ClusterRoleBinding', 'Namespace', 'ClusterIssuer']).toContain(kind)
  })

  it('labels everything with the version that its images have', () => {
    for (const { kind, metadata } of objects)
      expect(metadata.labels, kind).toMatchObject({ 'app.kubernetes.io/part-of': 'slipway' })
    for (const app of ['platform', 'console']) {
      const workload = named('Deployment', `slipway-${app}`)
      const [container] = templateOf(workload).spec.containers
      expect(container?.image).toBe(`slipway/${app}:${workload?.metadata.labels['app.kubernetes.io/version']}`)
    }
  })

  it('has one ConfigMap and names one Secret, which the README makes', () => {
    expect(ofKind('ConfigMap', 'Secret').map(({ metadata }) => metadata.name)).toEqual(['slipway'])
    const text = JSON.stringify(workloads)
    for (const [, name] of text.matchAll(/"secretName":"([^"]+)"/g)) expect(name).toBe('slipway')
    for (const [, key = ''] of text.matchAll(/"secretKeyRef":\{"key":"([^"]+)"/g))
      expect(Object.keys(SECRET)).toContain(key)
    for (const name of Object.keys(SECRET)) expect(read('infra/kubernetes/README.md')).toContain(name)
  })

  it.each([
    ['Deployment', 'slipway-platform', 'web,reconcile'],
    ['StatefulSet', 'slipway-git', 'git'],
  ])('gives the %s %s settings that it accepts', (kind, name, roles) => {
    const [container] = templateOf(named(kind, name)).spec.containers
    const own = Object.fromEntries((container?.env ?? []).map((each) => [each.name, each.value ?? '']))
    expect(own.SLIPWAY_ROLES).toBe(roles)
    expect(container?.envFrom).toEqual([{ configMapRef: { name: 'slipway' } }, { secretRef: { name: 'slipway' } }])
    for (const key of Object.keys({ ...settings, ...own }))
      expect(
        READ_WITH_ROLES.includes(key) || readsVariable('platform', key) || readsVariable('console', key),
        `${key} is read`,
      ).toBe(true)
    const environment = { SLIPWAY_STATE_DIR: '/var/lib/slipway', ...SECRET, ...settings, ...own }
    expect(readSettings({ NODE_ENV: 'production', ...environment })).toMatchObject({
      clusterKind: 'kubernetes',
      kubeconfigPath: null,
      consoleUrl: 'http://slipway-console:3000',
    })
  })

  it('tells the console only what it reads, from keys that are there', () => {
    for (const { name, valueFrom } of templateOf(named('Deployment', 'slipway-console')).spec.containers[0]?.env ??
      []) {
      expect(FOREIGN_VARIABLES.includes(name) || readsVariable('console', name), `${name} is read`).toBe(true)
      if (valueFrom?.configMapKeyRef) expect(Object.keys(settings)).toContain(valueFrom.configMapKeyRef.key)
    }
  })

  it.each(workloads.map((each) => [each.kind, each.metadata.name, each] as const))(
    'selects the pods of the %s %s by labels that they have, and ports by their name',
    (_kind, name, workload) => {
      const { metadata, spec, volumes } = templateOf(workload)
      const service = z
        .object({ selector: labelsSchema, ports: z.array(z.object({ targetPort: z.string() })) })
        .parse(named('Service', name)?.spec)
      expect(metadata.labels).toMatchObject(service.selector)
      for (const budget of ofKind('PodDisruptionBudget').filter((each) => each.metadata.name === name))
        expect(metadata.labels).toMatchObject(
          z.object({ selector: z.object({ matchLabels: labelsSchema }) }).parse(budget.spec).selector.matchLabels,
        )
      const ports = spec.containers.flatMap((container) => container.ports.map((port) => port.name))
      for (const { targetPort } of service.ports) expect(ports).toContain(targetPort)
      for (const { name: mounted } of spec.containers.flatMap((container) => container.volumeMounts))
        expect(volumes).toContain(mounted)
    },
  )

  it('denies traffic in both directions, and lets every workload be reached by what is named', () => {
    const policies = ofKind('NetworkPolicy').map((each) => ({
      name: each.metadata.name,
      ...policySchema.parse(each.spec),
    }))
    expect(policies).toContainEqual({
      name: 'default-deny',
      podSelector: { matchLabels: {} },
      policyTypes: ['Ingress', 'Egress'],
    })
    for (const workload of workloads) {
      const labels = templateOf(workload).metadata.labels
      const own = policies.filter(
        ({ podSelector, policyTypes }) =>
          policyTypes.includes('Ingress') &&
          labels['app.kubernetes.io/name'] === podSelector.matchLabels['app.kubernetes.io/name'],
      )
      expect(own.length, workload.metadata.name).toBeGreaterThan(0)
    }
  })

  it('runs every container under Pod Security “restricted”, with a read-only root', () => {
    expect(named('Namespace', 'slipway-system')?.metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'restricted',
    })
    for (const workload of workloads) {
      const { spec } = templateOf(workload)
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
      for (const { securityContext } of spec.containers)
        expect(securityContext).toMatchObject({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        })
    }
  })
})

describe.skipIf(!hasKustomize)('what differs', () => {
  const names = (folder: string, ...kinds: string[]) =>
    kustomized(folder)
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
      .sort()

  it('small brings Postgres and a registry, with one volume each and one for the repositories', () => {
    expect(names('overlays/small', ...WORKLOADS)).toEqual([
      'Deployment slipway-console',
      'Deployment slipway-platform',
      'StatefulSet slipway-git',
      'StatefulSet slipway-postgres',
      'StatefulSet slipway-registry',
    ])
  })

  it('production has two platforms or more, budgets and certificates', () => {
    expect(names('overlays/production', 'HorizontalPodAutoscaler', 'PodDisruptionBudget', 'ClusterIssuer')).toEqual([
      'ClusterIssuer slipway',
      'HorizontalPodAutoscaler slipway-console',
      'HorizontalPodAutoscaler slipway-platform',
      'PodDisruptionBudget slipway-console',
      'PodDisruptionBudget slipway-platform',
    ])
    for (const each of kustomized('overlays/production').filter(({ kind }) => kind === 'Deployment'))
      expect(each.spec).not.toHaveProperty('replicas')
  })
})
