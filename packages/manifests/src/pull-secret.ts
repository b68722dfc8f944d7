import type { EnvironmentToRender, PullCredential } from '@slipway/domain'
import { environmentLabels } from './labels.ts'
import { define, type KubeObject } from './object.ts'

/** Secret with the team's registry credentials, in every environment of a team that has some. */
export const PULL_SECRET = 'slipway-pull'

type Place = Pick<EnvironmentToRender, 'team' | 'project' | 'environment' | 'namespace'>

/**
 * The namespace's service account `default`, with or without the pull secret. The API server copies its secrets into pods
 * when they are created, so new credentials reach new pods without a change of any pod template, which would restart apps.
 * Reference: https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#add-imagepullsecrets-to-a-service-account
 */
export function pullServiceAccount(environment: Place, attached: boolean): KubeObject {
  return define({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace: environment.namespace, labels: environmentLabels(environment) },
    imagePullSecrets: attached ? [{ name: PULL_SECRET }] : [],
  })
}

/** The pull secret and the service account that hands it to pods; nothing without credentials. */
export function renderPullSecret(environment: EnvironmentToRender): KubeObject[] {
  if (environment.pullCredentials.length === 0) return []
  return [
    define({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: PULL_SECRET, namespace: environment.namespace, labels: environmentLabels(environment) },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': base64(dockerConfig(environment.pullCredentials)) },
    }),
    pullServiceAccount(environment, true),
  ]
}

/** Docker Hub stands under its old address there: it is the only one that every client knows. */
function dockerConfig(credentials: readonly PullCredential[]): string {
  const auths = credentials.map(({ host, username, password }) => [
    host === 'docker.io' ? 'https://index.docker.io/v1/' : host,
    { username, password, auth: base64(`${username}:${password}`) },
  ])
  return JSON.stringify({ auths: Object.fromEntries(auths) })
}

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64')
