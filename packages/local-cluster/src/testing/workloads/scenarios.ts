import type { Scenario, Step } from './scenario.ts'
import { daemonSets, jobs } from './scenarios-others.ts'
import { statefulSets } from './scenarios-stateful.ts'
import { template, workload } from './templates.ts'

const deployment = (spec: object): Step => ({ create: workload('apps/v1', 'Deployment', 'web', spec) })
const change = (spec: object): Step => ({ patch: 'deployments/web', with: { spec } })
const roll = (version: string, play?: string): Step => change({ template: template(version, play) })
const rest = (name: string, afterSeconds?: number): Step =>
  afterSeconds === undefined ? { rest: name } : { rest: name, afterSeconds }
const rolling = (maxSurge: number | string, maxUnavailable: number | string) => ({
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
})

const deployments: Scenario[] = [
  {
    name: 'deployment-recreate',
    steps: [
      deployment({ replicas: 3, strategy: { type: 'Recreate' } }),
      rest('up'),
      roll('v2'),
      rest('replaced'),
      roll('v3', 'hold'),
      rest('held'),
      change({ replicas: 5 }),
      rest('scaled while held'),
    ],
  },
  {
    name: 'deployment-proportional',
    steps: [
      deployment({ replicas: 10, ...rolling(3, 2) }),
      rest('up'),
      roll('v2', 'hold'),
      rest('held'),
      change({ replicas: 15 }),
      rest('more in the middle'),
      change({ replicas: 7 }),
      rest('fewer in the middle'),
      roll('v3', 'hold'),
      rest('a third'),
      change({ replicas: 20 }),
      rest('more of three'),
      change({ replicas: 4 }),
      rest('fewer of three'),
      roll('v4'),
      rest('through'),
    ],
  },
  {
    name: 'deployment-paused',
    steps: [
      deployment({ replicas: 3 }),
      rest('up'),
      change({ paused: true }),
      roll('v2'),
      rest('paused with another template'),
      change({ replicas: 5 }),
      rest('scaled while paused'),
      change({ paused: false }),
      rest('resumed'),
      roll('v3', 'hold'),
      rest('held'),
      change({ paused: true }),
      rest('paused in the middle'),
      change({ replicas: 8 }),
      rest('scaled while paused in the middle'),
    ],
  },
  {
    name: 'deployment-rollover',
    steps: [
      deployment({ replicas: 4, ...rolling(1, 1) }),
      rest('up'),
      roll('v2', 'hold'),
      rest('second held'),
      roll('v3', 'hold'),
      rest('third held'),
      roll('v4'),
      rest('through'),
      roll('v1'),
      rest('back to the first'),
    ],
  },
  {
    name: 'deployment-deadline',
    steps: [
      deployment({ replicas: 2, progressDeadlineSeconds: 4, ...rolling(1, 0) }),
      rest('up'),
      roll('v2', 'hold'),
      rest('too late', 6),
      change({ replicas: 3 }),
      rest('scaled when late', 6),
      roll('v3'),
      rest('through'),
    ],
  },
  {
    name: 'deployment-history',
    steps: [
      deployment({ replicas: 1, revisionHistoryLimit: 1 }),
      rest('up'),
      roll('v2'),
      rest('second'),
      roll('v3'),
      rest('third'),
      roll('v2'),
      rest('back'),
      change({ revisionHistoryLimit: 0 }),
      rest('no history'),
    ],
  },
  {
    name: 'deployment-min-ready',
    steps: [
      deployment({ replicas: 2, minReadySeconds: 30 }),
      rest('not available yet'),
      change({ minReadySeconds: 1 }),
      rest('available', 2),
      roll('v2'),
      rest('through'),
    ],
  },
  {
    name: 'deployment-extremes',
    steps: [
      deployment({ replicas: 3, ...rolling(1, 0) }),
      rest('up'),
      roll('v2', 'hold'),
      rest('none may go'),
      change({ ...rolling(0, '100%'), template: template('v3', 'hold') }),
      rest('all may go'),
      change({ replicas: 0 }),
      rest('none'),
      change({ ...rolling('25%', '25%'), replicas: 3, template: template('v4') }),
      rest('up again'),
    ],
  },
]

/** What is played against our cluster as it went on a real one. */
export const scenarios: readonly Scenario[] = [...deployments, ...statefulSets, ...daemonSets, ...jobs]
