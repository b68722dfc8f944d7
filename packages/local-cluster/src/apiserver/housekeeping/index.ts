import { Namespaces } from '../../types/resources.ts'
import type { ApiCore } from '../core/core.ts'
import { type Housekeeping, systemContext } from './context.ts'
import { startEventExpiry } from './event-expiry.ts'
import { startGarbageCollector } from './garbage-collector.ts'
import { startNamespaceController } from './namespaces.ts'
import { startQuotaStatus } from './quota-status.ts'
import { startServiceAccounts } from './service-accounts.ts'

const systemNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease']

/** What the API needs besides answering requests: the parts of kube-controller-manager that are about the API itself. */
export function startHousekeeping(core: ApiCore, onError: (error: unknown, what: string) => void): Housekeeping {
  const running = [
    startServiceAccounts(core, onError),
    startGarbageCollector(core, onError),
    startNamespaceController(core, onError),
    startQuotaStatus(core, onError),
    startEventExpiry(core, onError),
  ]
  const strategy = core.strategyOf(Namespaces)
  for (const name of systemNamespaces) {
    if (core.find(Namespaces, { name }) !== null) continue
    core.create(
      strategy,
      undefined,
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
      systemContext('kube-apiserver'),
    )
  }
  return {
    stop() {
      for (const each of running) each.stop()
    },
  }
}
