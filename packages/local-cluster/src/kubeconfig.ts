import { renameSync, writeFileSync } from 'node:fs'
import { stringify } from 'yaml'

export interface KubeconfigContent {
  server: string
  /** PEM. */
  certificateAuthority: string
  token: string
}

/** Writes a kubeconfig, whole or not at all, readable by its owner only. */
export function writeKubeconfig(file: string, content: KubeconfigContent): void {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'slipway',
        cluster: {
          server: content.server,
          'certificate-authority-data': Buffer.from(content.certificateAuthority).toString('base64'),
        },
      },
    ],
    users: [{ name: 'slipway', user: { token: content.token } }],
    contexts: [{ name: 'slipway', context: { cluster: 'slipway', user: 'slipway' } }],
    'current-context': 'slipway',
  }
  const partial = `${file}.partial`
  writeFileSync(partial, stringify(config), { mode: 0o600 })
  renameSync(partial, file)
}
