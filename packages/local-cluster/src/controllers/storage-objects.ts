import type { LabelSelector } from '../types/client.ts'
import type { KubernetesObject } from '../types/objects.ts'
import type { NodeSelectorTerm } from '../types/pod.ts'

export interface PersistentVolumeClaim extends KubernetesObject {
  spec: {
    accessModes?: string[]
    selector?: LabelSelector
    resources?: { requests?: { storage?: string | number } }
    volumeName?: string
    /** Absent: the default class where there is one. Empty: none, only volumes that are there already. */
    storageClassName?: string
    volumeMode?: string
  }
  status?: { phase?: 'Pending' | 'Bound' | 'Lost'; accessModes?: string[]; capacity?: { storage?: string | number } }
}

export interface PersistentVolume extends KubernetesObject {
  spec: {
    capacity?: { storage?: string | number }
    accessModes?: string[]
    claimRef?: {
      apiVersion?: string
      kind?: string
      namespace?: string
      name?: string
      uid?: string
      resourceVersion?: string
    }
    persistentVolumeReclaimPolicy?: 'Retain' | 'Delete' | 'Recycle'
    storageClassName?: string
    volumeMode?: string
    hostPath?: { path: string; type?: string }
    nodeAffinity?: { required?: { nodeSelectorTerms?: NodeSelectorTerm[] } }
  }
  status?: { phase?: VolumePhase; reason?: string; message?: string; lastPhaseTransitionTime?: string }
}
export type VolumePhase = 'Pending' | 'Available' | 'Bound' | 'Released' | 'Failed'

export interface StorageClass extends KubernetesObject {
  provisioner: string
  reclaimPolicy?: 'Retain' | 'Delete'
  volumeBindingMode?: 'Immediate' | 'WaitForFirstConsumer'
  allowVolumeExpansion?: boolean
}
