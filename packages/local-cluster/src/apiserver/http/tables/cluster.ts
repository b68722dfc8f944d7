import { objectList, optionalObject, stringList, stringMap, stringOf } from '../../../types/json.ts'
import type { Json, JsonObject } from '../../../types/objects.ts'
import {
  age,
  ageColumn,
  column,
  count,
  mapText,
  name,
  nameColumn,
  type Printer,
  selectorText,
  since,
  spec,
  status,
} from './columns.ts'

export const servicePrinter: Printer = {
  columns: [
    nameColumn,
    column('Type', 'type determines how the Service is exposed.'),
    column('Cluster-IP', 'clusterIP is the IP address of the service.'),
    column(
      'External-IP',
      'externalIPs is a list of IP addresses for which nodes in the cluster will also accept traffic for this service.',
    ),
    column('Port(s)', 'The list of ports that are exposed by this service.'),
    ageColumn,
    column('Selector', 'Route service traffic to pods with label keys and values matching this selector.', {
      priority: 1,
    }),
  ],
  cells(object, nowMs) {
    const own = spec(object)
    const ports = objectList(own, 'ports').map((port) => {
      const node = count(port, 'nodePort')
      return `${count(port, 'port')}${node === 0 ? '' : `:${node}`}/${stringOf(port, 'protocol')}`
    })
    const ingress = objectList(optionalObject(optionalObject(object, 'status'), 'loadBalancer'), 'ingress')
    const balancers = ingress.map((entry) => stringOf(entry, 'ip') || stringOf(entry, 'hostname'))
    const external = [...(own.type === 'LoadBalancer' ? balancers : []), ...stringList(own, 'externalIPs')].join(',')
    return [
      name(object),
      stringOf(own, 'type'),
      stringOf(own, 'clusterIP') || '<none>',
      (own.type === 'ExternalName' ? stringOf(own, 'externalName') : external) ||
        (own.type === 'LoadBalancer' ? '<pending>' : '<none>'),
      ports.join(',') || '<none>',
      age(object, nowMs),
      mapText(stringMap(own, 'selector')),
    ]
  },
}

export const ingressPrinter: Printer = {
  columns: [
    nameColumn,
    column('Class', 'The name of the IngressClass resource that should be used.'),
    column('Hosts', 'Hosts that incoming requests are matched against before the ingress rule'),
    column('Address', 'Address is a list containing ingress points for the load-balancer'),
    column('Ports', 'Ports of TLS configurations that open'),
    ageColumn,
  ],
  cells(object, nowMs) {
    const hosts = objectList(spec(object), 'rules')
      .map((rule) => stringOf(rule, 'host'))
      .filter((host) => host !== '')
    const shown = hosts.length > 3 ? `${hosts.slice(0, 3).join(',')} + ${hosts.length - 3} more...` : hosts.join(',')
    const addresses = objectList(optionalObject(status(object), 'loadBalancer'), 'ingress')
    return [
      name(object),
      stringOf(spec(object), 'ingressClassName') || '<none>',
      shown || '*',
      addresses.map((item) => stringOf(item, 'ip') || stringOf(item, 'hostname')).join(','),
      objectList(spec(object), 'tls').length > 0 ? '80, 443' : '80',
      age(object, nowMs),
    ]
  },
}

function keys(object: JsonObject, fields: string[]): number {
  return fields.reduce((sum, field) => sum + Object.keys(optionalObject(object, field) ?? {}).length, 0)
}

export const secretPrinter: Printer = {
  columns: [
    nameColumn,
    column('Type', 'Used to facilitate programmatic handling of secret data.'),
    column('Data', 'Number of keys.'),
    ageColumn,
  ],
  cells: (object, nowMs) => [name(object), stringOf(object, 'type'), keys(object, ['data']), age(object, nowMs)],
}

export const namespacePrinter: Printer = {
  columns: [nameColumn, column('Status', 'The status of the namespace'), ageColumn],
  cells: (object, nowMs) => [name(object), stringOf(status(object), 'phase'), age(object, nowMs)],
}

export const nodePrinter: Printer = {
  columns: [
    nameColumn,
    column('Status', 'The status of the node'),
    column('Roles', 'The roles of the node'),
    ageColumn,
    column('Version', 'Kubelet Version reported by the node.'),
    column('Internal-IP', 'List of addresses reachable to the node.', { priority: 1 }),
    column('External-IP', 'List of addresses reachable to the node.', { priority: 1 }),
    column('OS-Image', 'OS Image reported by the node from /etc/os-release.', { priority: 1 }),
    column('Kernel-Version', "Kernel Version reported by the node from 'uname -r'.", { priority: 1 }),
    column('Container-Runtime', 'ContainerRuntime Version reported by the node.', { priority: 1 }),
  ],
  cells(object, nowMs) {
    const ready = objectList(status(object), 'conditions').find((item) => item.type === 'Ready')
    const states = [ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady']
    if (spec(object).unschedulable === true) states.push('SchedulingDisabled')
    const labels = stringMap(optionalObject(object, 'metadata'), 'labels')
    const roles = Object.keys(labels).flatMap((key) => /^node-role\.kubernetes\.io\/(.+)$/.exec(key)?.[1] ?? [])
    const address = (type: string) =>
      stringOf(objectList(status(object), 'addresses').find((item) => item.type === type) ?? null, 'address') ||
      '<none>'
    const info = optionalObject(status(object), 'nodeInfo')
    const text = (key: string): Json => stringOf(info, key) || '<unknown>'
    return [
      name(object),
      states.join(','),
      roles.sort().join(',') || '<none>',
      age(object, nowMs),
      text('kubeletVersion'),
      address('InternalIP'),
      address('ExternalIP'),
      text('osImage'),
      text('kernelVersion'),
      text('containerRuntimeVersion'),
    ]
  },
}

export const eventPrinter: Printer = {
  columns: [
    column('Last Seen', 'The time at which the most recent occurrence of this event was recorded.'),
    column('Type', 'Type of this event (Normal, Warning), new types could be added in the future'),
    column(
      'Reason',
      "This should be a short, machine understandable string that gives the reason for the transition into the object's current status.",
    ),
    column('Object', 'The object that this event is about.'),
    column('Subobject', 'If referring to a piece of an object instead of an entire object, the field of it.', {
      priority: 1,
    }),
    column('Source', 'The component reporting this event.', { priority: 1 }),
    column('Message', 'A human-readable description of the status of this operation.'),
    column('First Seen', 'The time at which the event was first recorded.', { priority: 1 }),
    column('Count', 'The number of times this event has occurred.', { priority: 1 }),
    column('Name', 'Name must be unique within a namespace.', { priority: 1, format: 'name' }),
  ],
  cells(object, nowMs) {
    const time = stringOf(object, 'eventTime')
    const first = stringOf(object, 'firstTimestamp') || time
    const last = stringOf(object, 'lastTimestamp') || first
    const about = optionalObject(object, 'involvedObject')
    const source = optionalObject(object, 'source')
    const component = stringOf(source, 'component') || stringOf(object, 'reportingComponent')
    const host = stringOf(source, 'host') || stringOf(object, 'reportingInstance')
    return [
      since(last, nowMs),
      stringOf(object, 'type'),
      stringOf(object, 'reason'),
      `${stringOf(about, 'kind').toLowerCase()}/${stringOf(about, 'name')}`,
      stringOf(about, 'fieldPath'),
      [component, host].filter((part) => part !== '').join(', '),
      stringOf(object, 'message').trim(),
      since(first, nowMs),
      count(object, 'count') || 1,
      name(object),
    ]
  },
}

export const networkPolicyPrinter: Printer = {
  columns: [nameColumn, column('Pod-Selector', 'Selects the pods to which this policy applies.'), ageColumn],
  cells: (object, nowMs) => [
    name(object),
    selectorText(optionalObject(spec(object), 'podSelector')),
    age(object, nowMs),
  ],
}
