import { stateWord } from '@slipway/domain'
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { appOf } from '../test/recorded-app.ts'
import { play, type Step, scenarios } from '../test/recording.ts'
import { appHealth } from './app.ts'
import { deploymentHealth } from './deployment.ts'
import { jobHealth } from './job.ts'
import { podHealth } from './pod.ts'
import { replicaSetHealth } from './replica-set.ts'
import { rolloutOf } from './rollout.ts'

function storyOfJob(job: Job, step: Step): string {
  const { status, reason, message } = jobHealth(job, step)
  return [status, reason, message].join(' | ')
}

function judge(step: Step) {
  const app = appOf(step)
  const health = app && appHealth(app)
  const rollout = app && rolloutOf(app, app.wanted.release ?? 0)
  return {
    ...(health
      ? {
          app: `${stateWord(health.health.state)} (${health.health.status} ${health.health.reason}): ${health.health.message}`,
        }
      : {}),
    ...(health?.why ? { todo: health.why.action, log: health.why.log } : {}),
    ...(health ? { serving: health.servingRelease } : {}),
    ...(rollout ? { rollout: `${rollout.status}: ${rollout.message}` } : {}),
    ...(step.jobs[0] ? { job: storyOfJob(step.jobs[0], step) } : {}),
    instances:
      health?.instances.map(
        ({ state, reason, ready, restarts, release }) =>
          `v${release} ${stateWord(state)} (${reason}) ${ready ? 'ready' : 'not ready'} ${restarts}`,
      ) ?? step.pods.map((pod) => podHealth(pod, step).message),
  }
}

/** The story of a scenario: what was said, and when that changed. */
function storyOf(scenario: string): string {
  const story: { atMs: number; says: unknown }[] = []
  for (const step of play(scenario)) {
    const says = judge(step)
    if (JSON.stringify(story.at(-1)?.says) !== JSON.stringify(says)) story.push({ atMs: step.atMs, says })
  }
  return stringify(story, { lineWidth: 0, aliasDuplicateObjects: false })
}

describe.each(scenarios.filter((scenario) => play(scenario).length > 0))('%s', (scenario) => {
  it('is told as it was', async () => {
    await expect(storyOf(scenario)).toMatchFileSnapshot(`../test-data/golden/${scenario}.yaml`)
  })

  it('has at every step a sentence and a reason for every object, and something to do where it is Degraded', () => {
    for (const step of play(scenario)) {
      const healths = [
        ...step.pods.map((pod) => podHealth(pod, step)),
        ...step.replicaSets.map((each) => replicaSetHealth(each, step)),
        ...step.deployments.map((each) => deploymentHealth(each, step)),
        ...step.jobs.map((job) => jobHealth(job, step)),
      ]
      for (const health of healths) {
        expect(health.message).toMatch(/^[A-Z0-9a-z].{5,500}\.$/)
        expect(health.message).not.toMatch(/undefined|null|\[object|\.\.$|: \.$/)
        expect(health.reason).toMatch(/^[A-Z][A-Za-z]+$/)
        if (health.status === 'Degraded') expect(health.action).toMatch(/\.$/)
      }
    }
  })
})
