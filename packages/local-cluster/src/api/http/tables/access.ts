import { objectList, optionalObject, stringList, stringOf } from '../../kinds/json.ts'
import type { JsonObject } from '../../objects.ts'
import { age, ageColumn, column, name, nameColumn, type Printer, spec, status } from './columns.ts'

export const rolePrinter: Printer = {
  columns: [nameColumn, column('Created At', 'When the role was made.')],
  cells: (object) => [name(object), stringOf(optionalObject(object, 'metadata'), 'creationTimestamp')],
}

export const roleBindingPrinter: Printer = {
  columns: [nameColumn, column('Role', 'The role that is given.'), ageColumn],
  cells(object, nowMs) {
    const role = optionalObject(object, 'roleRef')
    return [name(object), `${stringOf(role, 'kind')}/${stringOf(role, 'name')}`, age(object, nowMs)]
  },
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
