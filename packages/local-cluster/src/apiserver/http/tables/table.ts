import { badRequest } from '../../../types/errors.ts'
import type { KubernetesObject } from '../../../types/objects.ts'
import { asJson } from '../../core/decode-body.ts'
import type { KindStrategy } from '../../core/strategy.ts'
import {
  eventPrinter,
  ingressPrinter,
  namespacePrinter,
  networkPolicyPrinter,
  nodePrinter,
  secretPrinter,
  servicePrinter,
} from './cluster.ts'
import { age, ageColumn, name, nameColumn, type Printer } from './columns.ts'
import descriptionsFile from './descriptions.json' with { type: 'json' }
import { claimPrinter, createdAtPrinter, httpRoutePrinter, resourceQuotaPrinter } from './others.ts'
import { podPrinter } from './pod.ts'
import {
  cronJobPrinter,
  daemonSetPrinter,
  deploymentPrinter,
  jobPrinter,
  replicaSetPrinter,
  statefulSetPrinter,
} from './workloads.ts'

const printers: Record<string, Printer> = {
  Pod: podPrinter,
  Deployment: deploymentPrinter,
  ReplicaSet: replicaSetPrinter,
  StatefulSet: statefulSetPrinter,
  DaemonSet: daemonSetPrinter,
  Job: jobPrinter,
  CronJob: cronJobPrinter,
  Service: servicePrinter,
  Ingress: ingressPrinter,
  Secret: secretPrinter,
  Namespace: namespacePrinter,
  Node: nodePrinter,
  Event: eventPrinter,
  NetworkPolicy: networkPolicyPrinter,
  ResourceQuota: resourceQuotaPrinter,
  PersistentVolumeClaim: claimPrinter,
  LimitRange: createdAtPrinter,
  HTTPRoute: httpRoutePrinter,
}

/** What the API reference says of a column's field, by kind and column; of columns that all kinds have, by column. */
const descriptions: Record<string, string> = descriptionsFile

const plainPrinter: Printer = {
  columns: [nameColumn, ageColumn],
  cells: (object, nowMs) => [name(object), age(object, nowMs)],
}

/** meta.k8s.io/v1 Table: what `kubectl get` prints. */
export function tableOf(
  { type: { kind } }: Pick<KindStrategy, 'type'>,
  objects: KubernetesObject[],
  metadata: Record<string, unknown>,
  includeObject: string,
  withColumns = true,
): unknown {
  const printer = printers[kind] ?? plainPrinter
  const nowMs = Date.now()
  const columns = printer.columns.map(({ name: title, type, format, description, priority }) => ({
    name: title,
    type,
    format: format ?? '',
    description: descriptions[`${kind}/${title}`] ?? descriptions[title] ?? description,
    priority,
  }))
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: withColumns ? columns : null,
    rows: objects.map((object) => ({
      cells: printer.cells(asJson(object), nowMs),
      ...rowObject(object, includeObject),
    })),
  }
}

/** How much of each object its row carries. @throws ApiError 400 for anything else. */
export function includedObject(query: URLSearchParams): string {
  const given = query.get('includeObject') ?? ''
  if (['', 'None', 'Metadata', 'Object'].includes(given)) return given
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: "${given}": must be 'Metadata', 'Object', 'None', or empty`,
  )
}

function rowObject(object: KubernetesObject, include: string): { object?: unknown } {
  if (include === 'None') return { object: null }
  if (include === 'Object') return { object }
  return { object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata } }
}
