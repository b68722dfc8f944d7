import type { ObjectMeta } from '../../types/objects.ts'

/**
 * Names each owner once, and warns of those that came twice. @param sent 'object' for what was sent whole, 'patch' for what was
 * merged. Reference: k8s.io/apiserver endpoints/handlers.dedupOwnerReferencesAndAddWarning.
 */
export function nameOwnersOnce(metadata: ObjectMeta, warnings: string[], sent: 'object' | 'patch'): void {
  const owners = metadata.ownerReferences ?? []
  const seen = new Set<string>()
  const twice: string[] = []
  const kept = owners.filter(({ uid = '' }) => {
    if (seen.has(uid)) twice.push(uid)
    return !seen.has(uid) && seen.add(uid)
  })
  if (twice.length === 0) return
  metadata.ownerReferences = kept
  const when = sent === 'patch' ? ' after mutating admission happens' : ''
  const since = 'API server dedups owner references in 1.20+, and may reject such requests as early as 1.24'
  warnings.push(
    `.metadata.ownerReferences contains duplicate entries${when}; ${since}; please fix your requests; duplicate UID(s) observed: ${twice.join(', ')}`,
  )
}
