import type { Health, HealthStatus } from '@slipway/domain'
import type { LogSource } from './result.ts'

/** Health of an object with where its cause lies. */
export interface Finding extends Health {
  /** Pod name. */
  instance: string | null
  log: LogSource | null
}

/** A finding that nothing is to be done about. */
export function calm(status: HealthStatus, reason: string, message: string): Finding {
  return { status, reason, message, action: null, instance: null, log: null }
}

/** The Health of a finding. */
export function healthOf({ status, reason, message, action }: Finding): Health {
  return { status, reason, message, action }
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
