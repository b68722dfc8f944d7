import type { ConnectedSource, DeliveryWithBuild } from '@slipway/db'
import type { DeliveryView, WebhookView } from '@slipway/domain'
import type { ApiConfig } from '../../ports/config.ts'

export function webhookView(config: ApiConfig, source: ConnectedSource): WebhookView {
  const { hookId, secret, host, repositoryUrl, branch } = source
  return { url: `${config.publicUrl}/hooks/${hookId}`, secret, host, repositoryUrl, branch }
}

export function deliveryView(row: DeliveryWithBuild): DeliveryView {
  const { id, deliveryId, event, status, reason, commit, build, receivedAt } = row
  return {
    id,
    deliveryId,
    event,
    status,
    reason,
    commit,
    build: build?.number ?? null,
    release: build?.release?.number ?? null,
    receivedAt: receivedAt.toISOString(),
  }
}
