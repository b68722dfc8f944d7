import { spawnSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseAllDocuments, stringify } from 'yaml'
import { z } from 'zod'
import { ROOT } from '../repository.ts'

const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).default({}),
  }),
})
export type Rendered = z.infer<typeof objectSchema>

/** What is installed: `kubectl apply -k infra/kubernetes/overlays/<name>`. */
export const OVERLAYS = ['small', 'production'] as const

/** kubectl has kustomize built in; components and label templates need its version 5. */
export const hasKustomize = (() => {
  const { status, stdout } = spawnSync('kubectl', ['version', '--client', '--output=json'], { encoding: 'utf8' })
  const version = z.looseObject({ kustomizeVersion: z.string().default('v0') })
  return status === 0 && Number(/^v(\d+)/.exec(version.parse(JSON.parse(stdout)).kustomizeVersion)?.[1]) >= 5
})()

const HERE = path.join(ROOT, 'infra/kubernetes')

/** What `kubectl kustomize` makes of a folder of infra/kubernetes. @throws Error with its output when it refuses. */
export const kustomized = (folder: string): Rendered[] => build(path.join(HERE, folder))

/** The same of an overlay as an installation of one's own has it: with components of its choice. */
export function kustomizedWith(overlay: string, components: readonly string[]): Rendered[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-overlay-'))
  // kustomize takes no absolute paths, and resolves links first.
  const from = (target: string) => path.relative(realpathSync(folder), path.join(HERE, target))
  try {
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: [from(`overlays/${overlay}`)],
      components: components.map((name) => from(`components/${name}`)),
    }
    writeFileSync(path.join(folder, 'kustomization.yaml'), stringify(kustomization))
    return build(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function build(target: string): Rendered[] {
  const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', target], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`kubectl kustomize: ${stderr}`)
  return parseAllDocuments(stdout).map((document) => objectSchema.parse(document.toJS()))
}

const keyRef = z.object({ name: z.string(), key: z.string() })
const containerSchema = z.looseObject({
  name: z.string(),
  image: z.string(),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
  envFrom: z.array(z.record(z.string(), z.object({ name: z.string() }))).default([]),
  env: z
    .array(
      z.object({
        name: z.string(),
        value: z.string().optional(),
        valueFrom: z.looseObject({ secretKeyRef: keyRef, configMapKeyRef: keyRef }).partial().optional(),
      }),
    )
    .default([]),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })),
})

const templateSchema = z.object({
  metadata: z.object({ labels: z.record(z.string(), z.string()) }),
  spec: z.looseObject({
    volumes: z.array(z.looseObject({ name: z.string() })).default([]),
    containers: z.array(containerSchema),
  }),
})
const workloadSchema = z.object({
  template: templateSchema,
  volumeClaimTemplates: z.array(z.object({ metadata: z.object({ name: z.string() }) })).default([]),
})

export const WORKLOADS = ['Deployment', 'StatefulSet']

/** Pod template of a Deployment or StatefulSet, with the names of its volumes. */
export function templateOf(object: Rendered | undefined) {
  const { template, volumeClaimTemplates } = workloadSchema.parse(object?.spec)
  const volumes = [
    ...template.spec.volumes.map(({ name }) => name),
    ...volumeClaimTemplates.map((each) => each.metadata.name),
  ]
  return { ...template, volumes }
}
