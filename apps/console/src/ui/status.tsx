import {
  type BuildStatus,
  buildWord,
  type CertificateState,
  type DeliveryStatus,
  type Health,
  type HealthStatus,
  type ReleaseCommandStatus,
  type ReleaseStatus,
  type RunState,
  releaseCommandWord,
  releaseWord,
  stateWord,
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
  /** Still changing by itself: the icon breathes. */
  moving?: boolean
}

const HEALTH: Record<HealthStatus, Look> = {
  Healthy: { tone: 'healthy', icon: CheckCircle2 },
  Progressing: { tone: 'progressing', icon: RefreshCw, moving: true },
  Degraded: { tone: 'degraded', icon: CircleX },
  Suspended: { tone: 'suspended', icon: CirclePause },
  Missing: { tone: 'suspended', icon: CircleDashed },
  Unknown: { tone: 'warning', icon: CircleHelp },
}

const RELEASE: Record<ReleaseStatus, Look> = {
  pending: { tone: 'progressing', icon: RefreshCw, moving: true },
  rolling_out: { tone: 'progressing', icon: RefreshCw, moving: true },
  live: { tone: 'healthy', icon: CheckCircle2 },
  superseded: { tone: 'suspended', icon: History },
  failed: { tone: 'degraded', icon: CircleX },
  cancelled: { tone: 'suspended', icon: Ban },
}

const BUILD: Record<BuildStatus, Look> = {
  queued: { tone: 'suspended', icon: Clock, moving: true },
  running: { tone: 'progressing', icon: RefreshCw, moving: true },
  succeeded: { tone: 'healthy', icon: CheckCircle2 },
  failed: { tone: 'degraded', icon: CircleX },
  cancelled: { tone: 'suspended', icon: Ban },
  timed_out: { tone: 'degraded', icon: TimerOff },
}

const RELEASE_COMMAND: Record<ReleaseCommandStatus, Look> = {
  waiting: { tone: 'suspended', icon: Clock, moving: true },
  running: { tone: 'progressing', icon: RefreshCw, moving: true },
  succeeded: { tone: 'healthy', icon: CheckCircle2 },
  failed: { tone: 'degraded', icon: CircleX },
  stopped: { tone: 'suspended', icon: Ban },
}

const CERTIFICATE: Record<CertificateState, Look & { word: string }> = {
  Issued: { tone: 'healthy', icon: ShieldCheck, word: 'Issued' },
  Issuing: { tone: 'progressing', icon: RefreshCw, word: 'Issuing', moving: true },
  Failed: { tone: 'degraded', icon: ShieldX, word: 'Failed' },
  Missing: { tone: 'suspended', icon: CircleDashed, word: 'Missing' },
  Unknown: { tone: 'warning', icon: CircleHelp, word: 'Unknown' },
}

const DELIVERY: Record<DeliveryStatus, Look & { word: string }> = {
  accepted: { tone: 'progressing', icon: CircleDot, word: 'Accepted', moving: true },
  built: { tone: 'healthy', icon: CheckCircle2, word: 'Built' },
  failed: { tone: 'degraded', icon: CircleX, word: 'Failed' },
  ignored: { tone: 'suspended', icon: CircleDashed, word: 'Ignored' },
  rejected: { tone: 'warning', icon: Ban, word: 'Rejected' },
}

interface MarkProps {
  look: Look
  word: string
  /** What programs call it. */
  hint?: string | undefined
  iconOnly?: boolean
  className?: string | undefined
}

function Mark({ look, word, hint, iconOnly, className }: MarkProps) {
  const Icon = look.icon
  return (
    <span
      className={cn(
        'inline-flex shrink-0 items-center gap-1.5 whitespace-nowrap font-medium text-xs',
        toneText[look.tone],
        className,
      )}
      title={hint ?? (iconOnly ? word : undefined)}
    >
      <Icon aria-hidden className={cn('size-3.5 shrink-0', look.moving && 'animate-pulse')} />
      {iconOnly ? <span className="sr-only">{word}</span> : word}
    </span>
  )
}

interface StatusProps<S> {
  status: S
  iconOnly?: boolean
  className?: string
}

/** What a process or an instance does, in the colour of its health. `reason`: Kubernetes' word, for the tooltip. */
export function StateMark({
  status,
  state,
  reason,
  className,
}: {
  status: HealthStatus
  state: RunState
  reason?: string
  className?: string
}) {
  const word = stateWord(state)
  const hint = reason === undefined || reason === word ? undefined : `Kubernetes: ${reason}`
  return <Mark look={HEALTH[status]} word={word} hint={hint} className={className} />
}

/** What an app does, in the colour of its health. */
export function AppHealthMark({ app, ...rest }: { app: { health: Health }; iconOnly?: boolean; className?: string }) {
  const { status, state, reason } = app.health
  return <Mark look={HEALTH[status]} word={stateWord(state)} hint={`${status}: ${reason}`} {...rest} />
}
export function ReleaseStatusMark({ status, ...rest }: StatusProps<ReleaseStatus>) {
  return <Mark look={RELEASE[status]} word={releaseWord(status)} {...rest} />
}
export function ReleaseCommandMark({ status, ...rest }: StatusProps<ReleaseCommandStatus>) {
  return <Mark look={RELEASE_COMMAND[status]} word={releaseCommandWord(status)} {...rest} />
}
export function BuildStatusMark({ status, ...rest }: StatusProps<BuildStatus>) {
  return <Mark look={BUILD[status]} word={buildWord(status)} {...rest} />
}
export function CertificateStateMark({ status, ...rest }: StatusProps<CertificateState>) {
  return <Mark look={CERTIFICATE[status]} word={CERTIFICATE[status].word} {...rest} />
}
export function DeliveryStatusMark({ status, ...rest }: StatusProps<DeliveryStatus>) {
  return <Mark look={DELIVERY[status]} word={DELIVERY[status].word} {...rest} />
}

/** Tone of a health, for boxes and bars around it. */
export function healthTone(status: HealthStatus): Tone {
  return HEALTH[status].tone
}
