import type { CommandRow, WantedApp } from '@slipway/db'
import {
  type Health,
  isReleaseCommandActive,
  type ReleaseCommandStatus,
  type Repair,
  releaseCommandFailure,
  releaseCommandStatus,
  stateOf,
  type WhyView,
} from '@slipway/domain'
import { missingVariable, withVariable } from '@slipway/health'
import type { ObservedApp } from './observed.ts'

interface Undeployed {
  number: number
  command: CommandRow
  status: ReleaseCommandStatus
}

/** The current release while it is not deployed, because its command has not succeeded; null otherwise. */
function undeployedOf({ current, deployed }: WantedApp): Undeployed | null {
  const command = current?.command ?? null
  if (current === null || command === null || deployed?.number === current.number) return null
  return { number: current.number, command, status: releaseCommandStatus(command) }
}

/** The command whose failure keeps the current release from being deployed; null where none does. */
export function failedCommandOf(app: WantedApp): CommandRow | null {
  const undeployed = undeployedOf(app)
  return undeployed === null || isReleaseCommandActive(undeployed.status) ? null : undeployed.command
}

/** In front of what runs: that the current release's command runs, or why it is not deployed. `tail`: the last lines of its output. */
export function withReleaseCommand(app: WantedApp, observed: ObservedApp, tail: readonly string[]): ObservedApp {
  const undeployed = undeployedOf(app)
  if (undeployed === null) return observed
  const verdict = isReleaseCommandActive(undeployed.status)
    ? underWay(undeployed, observed)
    : failed(undeployed, observed, app.fallback, tail)
  return { ...observed, ...verdict }
}

type Verdict = { health: Health; why: WhyView | null }

function underWay({ number, status }: Undeployed, { servingRelease, releaseCommandWait }: ObservedApp): Verdict {
  const reason = 'ReleaseCommand'
  const what =
    status === 'waiting'
      ? `The release command of v${number} is about to run.`
      : `Running the release command of v${number}.`
  const waits = releaseCommandWait === null ? '' : ` ${releaseCommandWait}`
  const meanwhile = servingRelease === null ? '' : ` v${servingRelease} serves until then.`
  const message = `${what}${waits}${meanwhile}`
  const state = stateOf({ status: 'Progressing', reason })
  return { health: { status: 'Progressing', state, reason, message, action: null }, why: null }
}

function failed(
  { number, command }: Undeployed,
  { servingRelease }: ObservedApp,
  fallback: number | null,
  tail: readonly string[],
): Verdict {
  const reason = 'ReleaseCommandFailed'
  const failure = releaseCommandFailure(command)
  const meanwhile = servingRelease === null ? 'Nothing serves.' : `v${servingRelease} still serves.`
  const sentence = `v${number} was not deployed: ${failure} ${meanwhile}`
  const cause = `The release was not deployed: ${failure}`
  const action = `Read the last lines of its output for the cause, then fix it and deploy again${fallback === null ? '' : ', or roll back'}.`
  const state = stateOf({ status: 'Degraded', reason })
  const back: Repair[] = fallback === null ? [] : [{ kind: 'roll_back', release: fallback }]
  const repairs = withVariable([...back, { kind: 'open_release_log', release: number }], missingVariable(state, tail))
  return {
    health: { status: 'Degraded', state, reason, message: sentence, action },
    why: {
      ...{ sentence, cause, action, reason, repairs, logTail: [...tail] },
      ...{ detail: null, instance: null, process: null, build: null },
    },
  }
}
