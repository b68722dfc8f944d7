import type { Foreseen } from '@slipway/domain'
import { Notice } from '#ui/notice.tsx'

/** What the pre-flight found, where something is in the way; nothing otherwise. */
export function PreflightNotice({ found, className }: { found: Foreseen; className?: string }) {
  if (found.refusal) {
    return (
      <Notice live tone="warning" title="This exceeds the quota" className={className}>
        This {found.refusal}
      </Notice>
    )
  }
  if (found.waits) return <Notice className={className}>{found.waits}</Notice>
  return null
}
