import { schemaOf } from '../../../schema/schema.ts'
import type { KindRules } from '../../core/strategy.ts'
import type { ResourceType } from '../../resources.ts'
import { findStrategy, kindStrategies } from '../index.ts'
import { autoscalingView } from './autoscaling.ts'
import { eventsView } from './events.ts'
import type { VersionRules, VersionView } from './view.ts'

const rules: VersionRules[] = [eventsView, autoscalingView]

/** Versions that are served besides the one in which a kind is stored. */
export const versionViews: readonly VersionView[] = rules.map(({ stored, ...rest }) => {
  const [schema, storage] = [schemaOf(rest.type), findStrategy(stored)]
  if (schema === undefined || storage === undefined) throw new Error(`No schema for ${rest.type.apiVersion}.`)
  return { ...rest, schema, storage }
})

/** Every kind in every version that is served, for discovery: the views after what is stored. */
export const servedVersions: readonly ServedVersion[] = [
  ...kindStrategies,
  ...versionViews.map(({ type, storage }) => ({ ...storage, type, storedAs: storage.type })),
]

export interface ServedVersion extends KindRules {
  /** Where that is another type. */
  storedAs?: ResourceType
}
