import { quote } from './finding.ts'
import { plainLines } from './log-lines.ts'
import type { Why } from './result.ts'

const REASONS = new Set(['Starting', 'StartupProbeFailed', 'LoopbackOnly', 'Unhealthy'])
const LINE_MAX = 120

/** "Server listening on http://localhost:3000", "Listening on port 3000", "* Running on http://127.0.0.1:5000". */
const LISTENS =
  /\b(?:listen(?:ing|s)?|running|serving|started|ready|local|network)\b.*?(?:\b(?:localhost|0\.0\.0\.0|127\.0\.0\.1)\b|\[::1?\]|\bport\b\D{0,3}\d{2,5}\b|:\d{2,5}\b|\bon\s+\d{2,5}\b)/i

/**
 * What to do about a process that nothing reaches, after what its own log says it listens on. That is evidence only, so it is
 * quoted and nothing is concluded from it.
 */
export function actionByLog(why: Why, logTail: readonly string[]): string {
  if (!REASONS.has(why.reason)) return why.action
  const line = plainLines(logTail).findLast((text) => LISTENS.test(text))
  if (line === undefined) return why.action
  const said = line.length > LINE_MAX ? `${line.slice(0, LINE_MAX)}…` : line
  return `Its log says “${quote(said)}”. ${why.action}`
}
