import type { LogOf, WantedApp } from '@slipway/db'
import { buildWord, type Health, isBuildOver, type WhyView } from '@slipway/domain'
import type { ObservedApp } from './observed.ts'
import { refusalsOf, withRefusals } from './refusals.ts'
import { failedCommandOf, withReleaseCommand } from './release-command.ts'
import { storedObservation } from './stored.ts'

/**
 * How an app stands: what the cluster shows, or showed last; in front of it what the API server refuses, and for an app without a
 * release what its newest build does, and of a release that is yet to be deployed what its command does. `tail`: the last lines of that
 * one's log.
 */
export function standingOf(app: WantedApp, seen: ObservedApp | null, tail: readonly string[]): ObservedApp {
  const observed = seen ?? storedObservation(app.stored)
  if (app.release !== null)
    return withReleaseCommand(app, withRefusals(observed, refusalsOf(app.stored.refusals)), tail)
  const { health, why } = healthWithoutRelease(app)
  return { ...observed, health, why: why && { ...why, logTail: [...tail] } }
}

type Verdict = { health: Health; why: Omit<WhyView, 'logTail'> | null }

/** Health of an app that has no release: it waits for one, builds its first, or could not. */
function healthWithoutRelease(app: WantedApp): Verdict {
  const build = app.builds[0]
  if (build && !isBuildOver(build.status)) {
    const message = `Build ${build.number} is ${buildWord(build.status).toLowerCase()}; nothing runs yet.`
    return {
      health: { status: 'Progressing', state: 'building', reason: 'Building', message, action: null },
      why: null,
    }
  }
  if (hasFailed(build)) {
    const sentence = build.failure ?? `Build ${build.number} failed.`
    return buildFailed(sentence, 'Read the build log, fix the cause and push again.', build.number)
  }
  const action = app.sourceKind === 'git' ? 'Push your code to deploy it.' : 'Deploy an image.'
  const message =
    app.releaseCount === 0 ? 'Nothing has been deployed yet.' : 'Nothing is deployed: the last release was cancelled.'
  return { health: { status: 'Suspended', state: 'not_deployed', reason: 'NotDeployed', message, action }, why: null }
}

type Build = WantedApp['builds'][number]
const hasFailed = (build: Build | undefined): build is Build =>
  build?.status === 'failed' || build?.status === 'timed_out'

/** The log of the build or the release command whose failure is the app's own; null where there is none. */
export function logOfFailure(app: WantedApp): LogOf | null {
  const command = failedCommandOf(app)
  if (command !== null) return { owner: 'run', id: command.id }
  const [build] = app.builds
  return app.release === null && hasFailed(build) ? { owner: 'build', id: build.id } : null
}

function buildFailed(sentence: string, action: string, build: number): Verdict {
  const reason = 'BuildFailed'
  return {
    health: { status: 'Degraded', state: 'build_failed', reason, message: sentence, action },
    why: {
      ...{ sentence, cause: sentence, action, reason, detail: null, instance: null, process: null, build },
      repairs: [
        { kind: 'build_again', build },
        { kind: 'open_build_log', build },
      ],
    },
  }
}
