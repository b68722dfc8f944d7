import type { Scenario, Step } from './scenario.ts'
import { template, workload } from './templates.ts'

const set = (spec: object): Step => ({
  create: workload('apps/v1', 'StatefulSet', 'web', { serviceName: 'web', ...spec }),
})
const change = (spec: object): Step => ({ patch: 'statefulsets/web', with: { spec } })
const roll = (version: string, play?: string): Step => change({ template: template(version, play) })
const rest = (name: string, afterSeconds?: number): Step =>
  afterSeconds === undefined ? { rest: name } : { rest: name, afterSeconds }
const rolling = (rollingUpdate: object) => ({ updateStrategy: { type: 'RollingUpdate', rollingUpdate } })
const claims = {
  volumeClaimTemplates: [
    {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName: '', resources: { requests: { storage: '1Mi' } } },
    },
  ],
}

export const statefulSets: Scenario[] = [
  {
    name: 'statefulset-partition',
    steps: [
      set({ replicas: 4, ...rolling({ partition: 2 }) }),
      rest('up'),
      roll('v2'),
      rest('half'),
      change({ replicas: 5 }),
      rest('one more'),
      change(rolling({ partition: 0 })),
      rest('all'),
    ],
  },
  {
    name: 'statefulset-max-unavailable',
    steps: [
      set({ replicas: 4, podManagementPolicy: 'Parallel', ...rolling({ maxUnavailable: 2 }) }),
      rest('up'),
      roll('v2', 'hold'),
      rest('two at once'),
      roll('v3'),
      rest('others'),
    ],
  },
  {
    name: 'statefulset-min-ready',
    steps: [
      set({ replicas: 2, minReadySeconds: 600 }),
      rest('the first is not available'),
      change({ minReadySeconds: 1 }),
      rest('both', 3),
    ],
  },
  {
    name: 'statefulset-ordinals',
    steps: [
      set({ replicas: 2, ordinals: { start: 5 } }),
      rest('from five'),
      change({ ordinals: { start: 4 } }),
      rest('from four'),
      change({ replicas: 1 }),
      rest('one'),
    ],
  },
  {
    name: 'statefulset-claims-scaled',
    steps: [
      set({
        replicas: 3,
        ...claims,
        persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete', whenDeleted: 'Retain' },
      }),
      rest('up'),
      change({ replicas: 1 }),
      rest('one'),
      { delete: 'statefulsets/web' },
      rest('gone'),
    ],
  },
  {
    name: 'statefulset-claims-deleted',
    steps: [
      set({
        replicas: 2,
        ...claims,
        persistentVolumeClaimRetentionPolicy: { whenScaled: 'Retain', whenDeleted: 'Delete' },
      }),
      rest('up'),
      change({ replicas: 1 }),
      rest('one'),
      { delete: 'statefulsets/web' },
      rest('gone'),
    ],
  },
  {
    name: 'statefulset-history',
    steps: [
      set({ replicas: 1, revisionHistoryLimit: 1 }),
      rest('up'),
      roll('v2'),
      rest('second'),
      roll('v3'),
      rest('third'),
      roll('v1'),
      rest('back to the first'),
      roll('v3'),
      rest('again the third'),
    ],
  },
  {
    name: 'statefulset-on-delete',
    steps: [
      set({ replicas: 2, updateStrategy: { type: 'OnDelete' } }),
      rest('up'),
      roll('v2'),
      rest('unchanged'),
      { delete: 'pods/web-1' },
      rest('one is new'),
    ],
  },
  {
    name: 'statefulset-stuck',
    steps: [
      set({ replicas: 3 }),
      rest('up'),
      roll('v2', 'hold'),
      rest('stuck at the last'),
      roll('v3'),
      rest('still stuck'),
      { delete: 'pods/web-2' },
      rest('through'),
      change({ replicas: 0 }),
      rest('none'),
    ],
  },
]
