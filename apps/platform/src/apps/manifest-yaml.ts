import type { KubeObject } from '@slipway/manifests'
import { stringify } from 'yaml'

/** An object as YAML. */
export const yamlOf = (object: object): string => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })

/** The object with the values of a Secret replaced; `describe` says what stands in their place. */
export function withMaskedValues(object: KubeObject, describe: (key: string, value: string) => string): KubeObject {
  if (object.kind !== 'Secret') return object
  const { data, stringData, ...rest } = object
  const masked = [
    ...Object.entries(Object(data)).map(([key, value]) => [key, describe(key, decoded(String(value)))] as const),
    ...Object.entries(Object(stringData)).map(([key, value]) => [key, describe(key, String(value))] as const),
  ]
  return masked.length === 0 ? rest : { ...rest, data: Object.fromEntries(masked) }
}

const decoded = (base64: string) => Buffer.from(base64, 'base64').toString('utf8')
