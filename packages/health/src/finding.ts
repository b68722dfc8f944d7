import { type Health, type HealthStatus, type Repair, type RunState, stateOf } from '@slipway/domain'
import type { LogSource } from './result.ts'

/** Kinds of repairs that fit a cause; numbers and names are added where the whole app is known. */
export type Cure = Exclude<
  Repair['kind'],
  'set_variable' | 'resize' | 'build_again' | 'open_build_log' | 'open_release_log'
>

/** Health of an object with where its cause lies. */
export interface Finding extends Health {
  /** The cause as it is said of every app that it holds back: without names, counts and sizes of one of them. */
  cause: string
  /** Pod name. */
  instance: string | null
  log: LogSource | null
  /** What the cluster said, where the message does not have all of it. */
  detail: string | null
  /** The best first. */
  cures: readonly Cure[]
}

type Optional = 'state' | 'cause' | 'instance' | 'log' | 'detail' | 'cures'

/** A finding; its state follows from the reason where none is given. */
export function finding(parts: Omit<Finding, Optional> & { [K in Optional]?: Finding[K] | undefined }): Finding {
  const {
    cause = parts.message,
    instance = null,
    log = null,
    detail = null,
    cures = [],
    state = stateOf(parts),
  } = parts
  return { ...parts, state, cause, instance, log, detail, cures }
}

/** A finding that nothing is to be done about. */
export function calm(status: HealthStatus, reason: string, message: string, state?: RunState): Finding {
  return finding({ status, reason, message, state, action: null })
}

/** The Health of a finding. */
export function healthOf({ status, state, reason, message, action }: Finding): Health {
  return { status, state, reason, message, action }
}

/** From best to worst, as HEALTH_STATUSES of the domain; what has a cure stands before what has none. */
const SEVERITY: Record<HealthStatus, number> = {
  Healthy: 0,
  Suspended: 1,
  Progressing: 2,
  Unknown: 3,
  Missing: 4,
  Degraded: 5,
}

/** The worst of some findings, the first where they are equal; null when there are none. */
export function worst<F extends Finding>(findings: readonly F[]): F | null {
  const rank = (finding: F) => SEVERITY[finding.status] * 2 + (finding.action ? 1 : 0)
  return findings.reduce<F | null>((found, each) => (found && rank(found) >= rank(each) ? found : each), null)
}

/** "1 instance", "3 instances". */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** The same sentence inside another one: without its capital and its full stop. */
export function asClause(sentence: string): string {
  const body = sentence.replace(/\.$/, '')
  return /^[A-Z][a-z]/.test(body) ? body.charAt(0).toLowerCase() + body.slice(1) : body
}

/** Longest text of others that is quoted in a sentence, in characters. */
const QUOTE_MAX = 300

/** Text of a runtime or controller, fit to stand at the end of a sentence. */
export function quote(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim().replace(/\.$/, '')
  return line.length > QUOTE_MAX ? `${line.slice(0, QUOTE_MAX - 1)}…` : line
}
