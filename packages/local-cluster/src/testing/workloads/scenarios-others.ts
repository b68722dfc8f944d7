import type { KubernetesObject } from '../../types/objects.ts'
import type { Scenario, Step } from './scenario.ts'
import { template, workload } from './templates.ts'

const rest = (name: string, afterSeconds?: number): Step =>
  afterSeconds === undefined ? { rest: name } : { rest: name, afterSeconds }
const onNode = { nodeSelector: { 'kubernetes.io/hostname': 'node-x' }, tolerations: [{ operator: 'Exists' }] }
const daemonTemplate = (version: string, play?: string) => template(version, play, {}, onNode)
const daemons = (spec: object): Step => ({
  create: workload('apps/v1', 'DaemonSet', 'web', { template: daemonTemplate('v1'), ...spec }),
})
const roll = (version: string, play?: string): Step => ({
  patch: 'daemonsets/web',
  with: { spec: { template: daemonTemplate(version, play) } },
})

export const daemonSets: Scenario[] = [
  {
    name: 'daemonset-rolling',
    steps: [
      daemons({}),
      rest('up'),
      roll('v2'),
      rest('second'),
      roll('v3', 'hold'),
      rest('held'),
      roll('v4'),
      rest('fourth'),
    ],
  },
  {
    name: 'daemonset-surge',
    steps: [
      daemons({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }),
      rest('up'),
      roll('v2', 'hold'),
      rest('held'),
      roll('v3'),
      rest('third'),
    ],
  },
  {
    name: 'daemonset-on-delete',
    steps: [daemons({ updateStrategy: { type: 'OnDelete' } }), rest('up'), roll('v2'), rest('unchanged')],
  },
  {
    name: 'daemonset-history',
    steps: [
      daemons({ revisionHistoryLimit: 1 }),
      rest('up'),
      roll('v2'),
      rest('second'),
      roll('v3'),
      rest('third'),
      roll('v1'),
      rest('back to the first'),
    ],
  },
]

const job = (spec: object, play: string, labels: Record<string, string> = {}): Step => {
  const { selector: _none, ...rest } = Reflect.get(
    workload('batch/v1', 'Job', 'work', {
      template: template('v1', play, labels, { restartPolicy: 'Never' }),
      ...spec,
    }),
    'spec',
  ) as Record<string, unknown>
  return {
    create: { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'work' }, ...{ spec: rest } } as KubernetesObject,
  }
}
const change = (spec: object): Step => ({ patch: 'jobs/work', with: { spec } })
const indexed = { completionMode: 'Indexed' }

export const jobs: Scenario[] = [
  {
    name: 'job-success-policy',
    steps: [
      job(
        { ...indexed, completions: 3, parallelism: 3, successPolicy: { rules: [{ succeededIndexes: '1' }] } },
        'ready',
        { 'succeed-index': '1' },
      ),
      rest('done'),
    ],
  },
  {
    name: 'job-success-count',
    steps: [
      job(
        {
          ...indexed,
          completions: 4,
          parallelism: 2,
          successPolicy: { rules: [{ succeededIndexes: '0-2', succeededCount: 1 }] },
        },
        'hold',
        { 'succeed-index': '0' },
      ),
      rest('done'),
    ],
  },
  { name: 'job-managed', steps: [job({ managedBy: 'example.com/other' }, 'succeed'), rest('nothing happens', 1)] },
  {
    name: 'job-replacement',
    steps: [
      job({ completions: 2, parallelism: 2, podReplacementPolicy: 'Failed' }, 'ready', { linger: 'yes' }),
      rest('up'),
      change({ parallelism: 1 }),
      rest('one ends'),
      change({ parallelism: 2 }),
      rest('it is not replaced before it has ended'),
    ],
  },
  {
    name: 'job-suspended',
    steps: [
      job({ suspend: true, completions: 2, parallelism: 2 }, 'hold'),
      rest('suspended'),
      change({ suspend: false }),
      rest('going'),
      change({ suspend: true }),
      rest('suspended again'),
    ],
  },
  {
    name: 'job-deadline',
    steps: [job({ activeDeadlineSeconds: 2 }, 'hold'), rest('too late', 4)],
  },
  {
    name: 'job-index-limit',
    steps: [
      job({ ...indexed, completions: 2, parallelism: 2, backoffLimitPerIndex: 0, maxFailedIndexes: 0 }, 'hold', {
        'fail-index': '1',
      }),
      rest('failed'),
    ],
  },
  {
    name: 'job-index-some',
    steps: [
      job({ ...indexed, completions: 2, parallelism: 2, backoffLimitPerIndex: 0 }, 'fail', { 'succeed-index': '1' }),
      rest('one of two'),
    ],
  },
  { name: 'job-backoff', steps: [job({ backoffLimit: 0, completions: 2, parallelism: 1 }, 'fail'), rest('failed')] },
  { name: 'job-done', steps: [job({ completions: 3, parallelism: 2 }, 'succeed'), rest('done')] },
  {
    name: 'job-policy',
    steps: [
      job(
        {
          parallelism: 1,
          completions: 2,
          podFailurePolicy: {
            rules: [{ action: 'FailJob', onExitCodes: { containerName: 'app', operator: 'In', values: [1] } }],
          },
        },
        'fail',
      ),
      rest('failed'),
    ],
  },
]
