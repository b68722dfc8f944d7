import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { ROOT, read } from '../repository.ts'

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

const BASE = 'infra/kubernetes/base'

const objectsOf = (yaml: string): Rendered[] =>
  parseAllDocuments(yaml).map((document) => objectSchema.parse(document.toJS()))

/** The objects as they are written, in the order of kustomization.yaml. Kustomize adds the tags of the images. */
export function writtenObjects(): Rendered[] {
  const { resources } = z.object({ resources: z.array(z.string()) }).parse(parse(read(`${BASE}/kustomization.yaml`)))
  return resources.flatMap((file) => objectsOf(read(`${BASE}/${file}`)))
}

export const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0

/** What `kubectl kustomize` makes of the base. @throws Error with its output when it refuses. */
export function kustomized(): Rendered[] {
  const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', path.join(ROOT, BASE)], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`kubectl kustomize: ${stderr}`)
  return objectsOf(stdout)
}

const templateSchema = z.object({
  metadata: z.object({ labels: z.record(z.string(), z.string()) }),
  spec: z.looseObject({
    volumes: z.array(z.looseObject({ name: z.string() })).default([]),
    containers: z.array(
      z.looseObject({
        name: z.string(),
        image: z.string(),
        ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
        envFrom: z.array(z.object({ configMapRef: z.object({ name: z.string() }) })).default([]),
        env: z.array(
          z.object({
            name: z.string(),
            value: z.string().optional(),
            valueFrom: z
              .object({
                secretKeyRef: z.object({ name: z.string(), key: z.string(), optional: z.boolean().default(false) }),
                configMapKeyRef: z.object({ name: z.string(), key: z.string() }),
              })
              .partial()
              .optional(),
          }),
        ),
        volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })),
      }),
    ),
  }),
})

/** The pod template of a Deployment. */
export function templateOf(objects: readonly Rendered[], name: string): z.infer<typeof templateSchema> {
  const deployment = objects.find((object) => object.kind === 'Deployment' && object.metadata.name === name)
  return z.object({ template: templateSchema }).parse(deployment?.spec).template
}
