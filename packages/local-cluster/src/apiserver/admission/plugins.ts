import type { ObjectStore } from '../../store/store.ts'
import type { AdmissionPlugin } from './admission.ts'
import { ingressClass } from './ingress-class.ts'
import { limitRanger } from './limit-ranger.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'
import { podDefaults } from './pod-defaults.ts'
import { podSecurity } from './pod-security.ts'
import { resourceQuota } from './resource-quota.ts'
import { storageDefaults } from './storage-defaults.ts'

/** The plugins that are on, in the order of the real server. */
export function admissionPlugins(store: ObjectStore): AdmissionPlugin[] {
  return [
    namespaceLifecycle(store),
    limitRanger(store),
    podDefaults(store),
    podSecurity(store),
    storageDefaults(store),
    ingressClass(store),
    resourceQuota(store),
  ]
}
