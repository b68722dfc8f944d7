import type {
  AppSummary,
  BuildStatus,
  CertificateState,
  DeliveryStatus,
  HealthStatus,
  ReleaseStatus,
} from '@slipway/domain'
import {
  Ban,
  CheckCircle2,
  CircleDashed,
  CircleDot,
  CircleHelp,
  CirclePause,
  CircleX,
  Clock,
  History,
  type LucideIcon,
  RefreshCw,
  ShieldCheck,
  ShieldX,
  TimerOff,
} from 'lucide-react'
import { cn } from './cn.ts'
import { type Tone, toneText } from './tone.ts'

interface Look {
  tone: Tone
  icon: LucideIcon
  word: string
  /** Still changing by itself: the icon breathes. */
  moving?: boolean
}

const HEALTH: Record<HealthStatus, Look> = {
  Healthy: { tone: 'healthy', icon: CheckCircle2, word: 'Healthy' },
  Progressing: { tone: 'progressing', icon: RefreshCw, word: 'Progressing', moving: true },
  Degraded: { tone: 'degraded', icon: CircleX, word: 'Degraded' },
  Suspended: { tone: 'suspended', icon: CirclePause, word: 'Suspended' },
  Missing: { tone: 'suspended', icon: CircleDashed, word: 'Missing' },
  Unknown: { tone: 'warning', icon: CircleHelp, word: 'Unknown' },
}

const NOT_DEPLOYED: Look = { tone: 'suspended', icon: CircleDashed, word: 'Not deployed' }

const RELEASE: Record<ReleaseStatus, Look> = {
  pending: { tone: 'progressing', icon: Clock, word: 'Pending', moving: true },
  rolling_out: { tone: 'progressing', icon: RefreshCw, word: 'Rolling out', moving: true },
  live: { tone: 'healthy', icon: CheckCircle2, word: 'Live' },
  superseded: { tone: 'suspended', icon: History, word: 'Superseded' },
  failed: { tone: 'degraded', icon: CircleX, word: 'Failed' },
  cancelled: { tone: 'suspended', icon: Ban, word: 'Cancelled' },
}

const BUILD: Record<BuildStatus, Look> = {
  queued: { tone: 'suspended', icon: Clock, word: 'Queued', moving: true },
  running: { tone: 'progressing', icon: RefreshCw, word: 'Building', moving: true },
  succeeded: { tone: 'healthy', icon: CheckCircle2, word: 'Succeeded' },
  failed: { tone: 'degraded', icon: CircleX, word: 'Failed' },
  cancelled: { tone: 'suspended', icon: Ban, word: 'Cancelled' },
  timed_out: { tone: 'degraded', icon: TimerOff, word: 'Timed out' },
}

const CERTIFICATE: Record<CertificateState, Look> = {
  Issued: { tone: 'healthy', icon: ShieldCheck, word: 'Issued' },
  Issuing: { tone: 'progressing', icon: RefreshCw, word: 'Issuing', moving: true },
  Failed: { tone: 'degraded', icon: ShieldX, word: 'Failed' },
  Missing: { tone: 'suspended', icon: CircleDashed, word: 'Missing' },
  Unknown: { tone: 'warning', icon: CircleHelp, word: 'Unknown' },
}

const DELIVERY: Record<DeliveryStatus, Look> = {
  accepted: { tone: 'progressing', icon: CircleDot, word: 'Accepted', moving: true },
  built: { tone: 'healthy', icon: CheckCircle2, word: 'Built' },
  failed: { tone: 'degraded', icon: CircleX, word: 'Failed' },
  ignored: { tone: 'suspended', icon: CircleDashed, word: 'Ignored' },
  rejected: { tone: 'warning', icon: Ban, word: 'Rejected' },
}

function Mark({ look, iconOnly, className }: { look: Look; iconOnly?: boolean; className?: string }) {
  const Icon = look.icon
  return (
    <span
      className={cn(
        'inline-flex shrink-0 items-center gap-1.5 whitespace-nowrap font-medium text-xs',
        toneText[look.tone],
        className,
      )}
      title={iconOnly ? look.word : undefined}
    >
      <Icon aria-hidden className={cn('size-3.5 shrink-0', look.moving && 'animate-pulse')} />
      {iconOnly ? <span className="sr-only">{look.word}</span> : look.word}
    </span>
  )
}

interface StatusProps<S> {
  status: S
  iconOnly?: boolean
  className?: string
}

/** Health of an app; one that was never deployed is said to be just that. */
export function AppHealthMark({
  app,
  ...rest
}: {
  app: Pick<AppSummary, 'health' | 'lastRelease'>
  className?: string
}) {
  const untouched = app.lastRelease === null && app.health.status === 'Suspended'
  return <Mark look={untouched ? NOT_DEPLOYED : HEALTH[app.health.status]} {...rest} />
}
export function ReleaseStatusMark({ status, ...rest }: StatusProps<ReleaseStatus>) {
  return <Mark look={RELEASE[status]} {...rest} />
}
export function BuildStatusMark({ status, ...rest }: StatusProps<BuildStatus>) {
  return <Mark look={BUILD[status]} {...rest} />
}
export function CertificateStateMark({ status, ...rest }: StatusProps<CertificateState>) {
  return <Mark look={CERTIFICATE[status]} {...rest} />
}
export function DeliveryStatusMark({ status, ...rest }: StatusProps<DeliveryStatus>) {
  return <Mark look={DELIVERY[status]} {...rest} />
}

/** Tone of a health, for boxes and bars around it. */
export function healthTone(status: HealthStatus): Tone {
  return HEALTH[status].tone
}
