import type { ResourceType } from '../../types/resources.ts'
import type { WriterIdentity } from '../apply/field-manager.ts'

/** Who writes, and how: what a request says besides the object. */
export interface WriteContext {
  fieldManager: string
  dryRun: boolean
  /** What happens to unknown fields: refused, warned of, or dropped in silence. */
  fieldValidation: 'Strict' | 'Warn' | 'Ignore'
  /** Texts for `Warning` headers. */
  warnings: string[]
}

export interface ObjectPath {
  namespace?: string
  name: string
}

/** The writer, as managedFields names it. */
export function writerOf(
  environment: { now(): string },
  { type }: { type: Pick<ResourceType, 'apiVersion'> },
  context: WriteContext,
  subresource: string | undefined,
): WriterIdentity {
  return {
    manager: context.fieldManager,
    apiVersion: type.apiVersion,
    time: environment.now(),
    ...(subresource === undefined ? {} : { subresource }),
  }
}
