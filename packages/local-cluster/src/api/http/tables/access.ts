import { objectList, optionalObject, stringList, stringOf } from '../../kinds/json.ts'
import type { JsonObject } from '../../objects.ts'
import { age, ageColumn, column, name, nameColumn, type Printer, spec, status } from './columns.ts'

/** Kinds for which Kubernetes has no columns of their own, and roles. */
export const createdAtPrinter: Printer = {
  columns: [nameColumn, column('Created At', 'When it was made.')],
  cells: (object) => [name(object), stringOf(optionalObject(object, 'metadata'), 'creationTimestamp')],
}

export const roleBindingPrinter: Printer = {
  columns: [
    nameColumn,
    column('Role', 'The role that is given.'),
    ageColumn,
    column('Users', 'Users to whom it is given.', { priority: 1 }),
    column('Groups', 'Groups to whom it is given.', { priority: 1 }),
    column('ServiceAccounts', 'Service accounts to whom it is given.', { priority: 1 }),
  ],
  cells(object, nowMs) {
    const role = optionalObject(object, 'roleRef')
    const given = `${stringOf(role, 'kind')}/${stringOf(role, 'name')}`
    const subjects = ['User', 'Group', 'ServiceAccount'].map((kind) => subjectsOf(object, kind))
    return [name(object), given, age(object, nowMs), ...subjects]
  },
}

function subjectsOf(binding: JsonObject, kind: string): string {
  return objectList(binding, 'subjects')
    .filter((subject) => subject.kind === kind)
    .map((subject) =>
      [stringOf(subject, 'namespace'), stringOf(subject, 'name')].filter((part) => part !== '').join('/'),
    )
    .join(', ')
}

function condition(object: JsonObject, type: string): string {
  return stringOf(objectList(status(object), 'conditions').find((each) => each.type === type) ?? null, 'status')
}

export const gatewayClassPrinter: Printer = {
  columns: [
    nameColumn,
    column('Controller', 'Who makes gateways of this class.'),
    column('Accepted', 'Whether the controller takes it.'),
    ageColumn,
  ],
  cells: (object, nowMs) => [
    name(object),
    stringOf(spec(object), 'controllerName'),
    condition(object, 'Accepted'),
    age(object, nowMs),
  ],
}

export const gatewayPrinter: Printer = {
  columns: [
    nameColumn,
    column('Class', 'The class of the gateway.'),
    column('Address', 'Where it listens.'),
    column('Programmed', 'Whether it routes.'),
    ageColumn,
  ],
  cells: (object, nowMs) => [
    name(object),
    stringOf(spec(object), 'gatewayClassName'),
    objectList(status(object), 'addresses')
      .map((address) => stringOf(address, 'value'))
      .join(','),
    condition(object, 'Programmed'),
    age(object, nowMs),
  ],
}

export const httpRoutePrinter: Printer = {
  columns: [nameColumn, column('Hostnames', 'The hosts it is for.'), ageColumn],
  cells: (object, nowMs) => [name(object), JSON.stringify(stringList(spec(object), 'hostnames')), age(object, nowMs)],
}
