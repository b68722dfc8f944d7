import type { Release } from './generated/client.ts'
import type { Transaction } from './transaction.ts'

/** The release in another environment that an image was promoted from, and what only the build there knows of it. */
export interface ReleaseOrigin {
  /** Slug. */
  environment: string
  release: number
  /** Built by the native builder, whose images have a user of their own. */
  isNative: boolean
  branch: string | null
}

type Row = Pick<Release, 'originEnvironment' | 'originRelease' | 'originNative' | 'environment'>

/** Where a release's image was promoted from; undefined where it was not. */
export function originOf(release: Row): ReleaseOrigin | undefined {
  const { originEnvironment, originRelease, originNative } = release
  if (originEnvironment === null || originRelease === null) return undefined
  return {
    environment: originEnvironment,
    release: originRelease,
    isNative: originNative ?? false,
    branch: branchOf(release),
  }
}

/** The branch in the environment of a release's instances; null where there is none. */
export function branchOf({ environment }: Pick<Release, 'environment'>): string | null {
  const branch: unknown = Object(environment).SLIPWAY_BRANCH
  return typeof branch === 'string' ? branch : null
}

/** True when the native builder made a release's image, here or where it was promoted from. */
export async function isNativeRelease(
  tx: Transaction,
  { appId, buildNumber, originNative }: Pick<Release, 'appId' | 'buildNumber' | 'originNative'>,
): Promise<boolean> {
  if (buildNumber === null) return originNative ?? false
  const key = { appId_number: { appId, number: buildNumber } }
  const build = await tx.build.findUnique({ where: key, select: { strategy: true } })
  return build !== null && (build.strategy ?? 'native') === 'native'
}
