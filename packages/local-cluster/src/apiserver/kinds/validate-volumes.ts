import type { FieldError } from '../../types/errors.ts'
import { numberOf, objectList, optionalObject, stringOf } from '../../types/json.ts'
import type { Json, JsonObject } from '../../types/objects.ts'
import { parseQuantity } from '../../types/quantity.ts'
import { duplicate, forbiddenField, invalidValue, notSupported, required } from '../validation/fields.ts'
import { dns1123Label } from '../validation/names.ts'
import { validateFieldRef, validateResourceRef } from './validate-variables.ts'

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]
const largestMode = 0o777
const shortestTokenSeconds = 600
const downwardPaths = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid']

/** Where there are several, the first of these counts. */
const sourceOrder = [
  ...['emptyDir', 'hostPath', 'gitRepo', 'gcePersistentDisk', 'awsElasticBlockStore', 'secret', 'nfs', 'iscsi'],
  ...['glusterfs', 'persistentVolumeClaim', 'rbd', 'cinder', 'cephfs', 'flocker', 'downwardAPI', 'fc', 'flexVolume'],
  ...['configMap', 'azureFile', 'vsphereVolume', 'quobyte', 'azureDisk', 'storageos', 'portworxVolume', 'scaleIO'],
  ...['projected', 'csi', 'ephemeral', 'image'],
]

/**
 * One volume of a pod. Reference: pkg/apis/core/validation.ValidateVolumes.
 * @param names of the volumes before it; its own is added where nothing is wrong with it.
 */
export function validateVolume(volume: JsonObject, at: string, names: Set<string>): FieldError[] {
  const name = stringOf(volume, 'name')
  const sources = Object.keys(volume)
    .filter((key) => key !== 'name')
    .sort((a, b) => sourceOrder.indexOf(a) - sourceOrder.indexOf(b))
  const errors: FieldError[] = sources.length === 0 ? [] : validateSource(volume, `${sources[0]}`, at)
  for (const extra of sources.slice(1)) {
    errors.push(forbiddenField(`${at}.${extra}`, 'may not specify more than 1 volume type'))
  }
  if (name === '') errors.push(required(`${at}.name`))
  else errors.push(...dns1123Label(name).map((why) => invalidValue(`${at}.name`, name, why)))
  if (names.has(name)) errors.push(duplicate(`${at}.name`, name))
  if (errors.length === 0) names.add(name)
  return errors
}

function validateSource(volume: JsonObject, kind: string, volumeField: string): FieldError[] {
  const source = optionalObject(volume, kind) ?? {}
  const at = `${volumeField}.${kind}`
  switch (kind) {
    case 'emptyDir': {
      const size = source.sizeLimit === undefined ? null : parseQuantity(String(source.sizeLimit))
      if (size === null || size.nano >= 0n) return []
      return [forbiddenField(`${at}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
    }
    case 'hostPath':
      return validateHostPath(source, at)
    case 'configMap':
      return [...named(source, 'name', at), ...validateFiles(source, at)]
    case 'secret':
      return [...named(source, 'secretName', at), ...validateFiles(source, at)]
    case 'persistentVolumeClaim':
      return named(source, 'claimName', at)
    case 'nfs': {
      const path = stringOf(source, 'path')
      const errors = [...named(source, 'server', at), ...named(source, 'path', at)]
      if (!path.startsWith('/')) errors.push(invalidValue(`${at}.path`, path, 'must be an absolute path'))
      return errors
    }
    case 'downwardAPI':
      return [...validateMode(source.defaultMode, `${at}.defaultMode`), ...validateDownward(source, at)]
    case 'projected':
      return validateProjected(source, at)
    default:
      return []
  }
}

function named(source: JsonObject, key: string, at: string): FieldError[] {
  return stringOf(source, key) === '' ? [required(`${at}.${key}`)] : []
}

function validateMode(mode: Json, field: string): FieldError[] {
  if (typeof mode !== 'number' || (mode >= 0 && mode <= largestMode)) return []
  return [invalidValue(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive')]
}

/** A path that stays inside the volume. */
export function validateInnerPath(path: string, field: string): FieldError[] {
  if (path.startsWith('/')) return [invalidValue(field, path, 'must be a relative path')]
  return path.split('/').includes('..') ? [invalidValue(field, path, "must not contain '..'")] : []
}

function validateFiles(source: JsonObject, at: string): FieldError[] {
  const errors = validateMode(source.defaultMode, `${at}.defaultMode`)
  for (const [index, item] of objectList(source, 'items').entries()) {
    const field = `${at}.items[${index}]`
    const path = stringOf(item, 'path')
    if (stringOf(item, 'key') === '') errors.push(required(`${field}.key`))
    if (path === '') errors.push(required(`${field}.path`))
    else errors.push(...validateInnerPath(path, `${field}.path`))
    errors.push(...validateMode(item.mode, `${field}.mode`))
  }
  return errors
}

function validateHostPath(source: JsonObject, at: string): FieldError[] {
  const [path, type] = [stringOf(source, 'path'), stringOf(source, 'type')]
  const errors: FieldError[] = []
  if (path === '') errors.push(required(`${at}.path`))
  else if (path.split('/').includes('..')) errors.push(invalidValue(`${at}.path`, path, "must not contain '..'"))
  if (!hostPathTypes.includes(type)) errors.push(notSupported(`${at}.type`, type, hostPathTypes))
  return errors
}

/** The real server leaves the item's index out of these fields. */
function validateDownward(source: JsonObject, at: string): FieldError[] {
  return objectList(source, 'items').flatMap((item) => {
    const errors: FieldError[] = []
    const path = stringOf(item, 'path')
    if (path === '') errors.push(required(`${at}.path`))
    else errors.push(...validateInnerPath(path, `${at}.path`))
    const [fieldRef, resourceRef] = [optionalObject(item, 'fieldRef'), optionalObject(item, 'resourceFieldRef')]
    if (fieldRef !== null) {
      if (resourceRef !== null) {
        errors.push(invalidValue(at, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'))
      }
      errors.push(...validateFieldRef(fieldRef, `${at}.fieldRef`, downwardPaths))
    } else if (resourceRef !== null) {
      errors.push(...validateResourceRef(resourceRef, `${at}.resourceFieldRef`, true))
    } else errors.push(required(at, 'one of fieldRef and resourceFieldRef is required'))
    errors.push(...validateMode(item.mode, `${at}.mode`))
    return errors
  })
}

function validateProjected(source: JsonObject, at: string): FieldError[] {
  const errors = validateMode(source.defaultMode, `${at}.defaultMode`)
  for (const [index, part] of objectList(source, 'sources').entries()) {
    const field = `${at}.sources[${index}]`
    for (const kind of ['secret', 'configMap']) {
      const files = optionalObject(part, kind)
      if (files === null) continue
      errors.push(...named(files, 'name', `${field}.${kind}`), ...validateFiles(files, `${field}.${kind}`))
    }
    const downward = optionalObject(part, 'downwardAPI')
    if (downward !== null) errors.push(...validateDownward(downward, `${field}.downwardAPI`))
    const token = optionalObject(part, 'serviceAccountToken')
    if (token === null) continue
    const seconds = numberOf(token, 'expirationSeconds') ?? 0
    if (seconds < shortestTokenSeconds) {
      const why = 'may not specify a duration less than 10 minutes'
      errors.push(invalidValue(`${field}.serviceAccountToken.expirationSeconds`, seconds, why))
    }
    // Without the source's index, as the real server says it.
    if (stringOf(token, 'path') === '') errors.push(required(`${at}.path`))
  }
  return errors
}
