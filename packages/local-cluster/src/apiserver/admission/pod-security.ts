import type { ObjectStore } from '../../store/store.ts'
import { forbidden } from '../../types/errors.ts'
import { optionalObject } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { Namespaces } from '../../types/resources.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'
import { checkPodSecurity, type SecurityLevel } from './pod-security-checks.ts'

const prefix = 'pod-security.kubernetes.io'

/** Pod Security Standards by namespace label. Reference: https://kubernetes.io/docs/concepts/security/pod-security-admission/ */
export function podSecurity(store: ObjectStore): AdmissionPlugin {
  return {
    name: 'PodSecurity',
    validate(request) {
      if (request.namespace === undefined || request.subresource !== undefined) return
      const spec = podSpecOf(request)
      if (spec === null) return
      const labels = store.get(Namespaces, undefined, request.namespace)?.metadata.labels ?? {}
      const metadata = podMetadataOf(request)
      if (request.type.kind === 'Pod') {
        const enforced = policy(labels, 'enforce')
        const violations = checkPodSecurity(spec, metadata, enforced.level)
        if (violations.length > 0) {
          throw forbidden(
            request.type,
            request.name,
            `violates PodSecurity "${enforced.text}": ${violations.join(', ')}`,
          )
        }
      }
      const warned = policy(labels, 'warn')
      const violations = checkPodSecurity(spec, metadata, warned.level)
      if (violations.length > 0) {
        request.warnings.push(`would violate PodSecurity "${warned.text}": ${violations.join(', ')}`)
      }
    },
  }
}

function policy(labels: Record<string, string>, mode: string): { level: SecurityLevel; text: string } {
  const named = labels[`${prefix}/${mode}`]
  const level: SecurityLevel = named === 'restricted' || named === 'baseline' ? named : 'privileged'
  return { level, text: `${level}:${labels[`${prefix}/${mode}-version`] ?? 'latest'}` }
}

/** The spec of a pod, or of the pods a workload would make. */
function podSpecOf({ type, operation, object }: AdmissionRequest): JsonObject | null {
  if (type.kind === 'Pod') return operation === 'CREATE' ? optionalObject(object, 'spec') : null
  return optionalObject(templateOf(object, type.kind), 'spec')
}

function podMetadataOf({ type, object }: AdmissionRequest): JsonObject | null {
  return optionalObject(type.kind === 'Pod' ? object : templateOf(object, type.kind), 'metadata')
}

function templateOf(object: JsonObject, kind: string): JsonObject | null {
  const spec = optionalObject(object, 'spec')
  const owner = kind === 'CronJob' ? optionalObject(optionalObject(spec, 'jobTemplate'), 'spec') : spec
  return optionalObject(owner, 'template')
}
