import { buildLabels } from './build-labels.ts'
import { buildNamespaceOf, buildSecretNames } from './build-names.ts'
import type { BuildToRender } from './build-to-render.ts'
import { buildJobName } from './names.ts'
import { define, type KubeObject } from './object.ts'

/** Key of the source token in its Secret, and the variable that has it in the build. */
export const TOKEN_KEY = 'SOURCE_TOKEN'

/** Key that the API server asks for in a Secret of type kubernetes.io/dockerconfigjson. */
export const REGISTRY_KEY = '.dockerconfigjson'

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64')

/**
 * What only this build may read: its source token, the config vars that are chosen for it, its registry credentials. Once the
 * Job is there they belong to it and go with it.
 */
export function buildSecrets(build: BuildToRender, jobUid: string | null): KubeObject[] {
  const names = buildSecretNames(build)
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name: buildJobName(build) }
  const secret = (name: string, type: string, data: Record<string, string>) =>
    define({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name,
        namespace: buildNamespaceOf(build.strategy, build),
        labels: buildLabels(build),
        ...(jobUid ? { ownerReferences: [{ ...owner, uid: jobUid }] } : {}),
      },
      type,
      immutable: true,
      data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64(value)])),
    })
  const { vars, registryConfig } = build
  return [
    secret(names.token, 'Opaque', { [TOKEN_KEY]: build.sourceToken }),
    ...(Object.keys(vars).length === 0 ? [] : [secret(names.vars, 'Opaque', vars)]),
    ...(registryConfig === null
      ? []
      : [secret(names.registry, 'kubernetes.io/dockerconfigjson', { [REGISTRY_KEY]: registryConfig })]),
  ]
}
