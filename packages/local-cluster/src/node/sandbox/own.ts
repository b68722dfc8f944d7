import { execFile } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Pod } from '../../types/pod.ts'
import { isBuilder, repositoryPlaces } from '../container/image.ts'
import type { NodeContext } from '../context.ts'
import type { ContainerMeta, PodRecord } from '../pod/state.ts'
import { SHIM } from '../process/paths.ts'
import { type Confinement, FIRST_USER, IMAGE_GROUP, MOST_USERS } from './confinement.ts'

const run = promisify(execFile)

/** Where Slipway builds Dockerfiles, and nothing else: no team's pods are in it. */
export const DOCKERFILE_NAMESPACE = 'slipway-builds-dockerfile'

/** Builds of Dockerfiles make containers themselves, which takes rights that no other has; commands of the machine are its own. */
export const isConfined = ({ sandbox, hostImages }: NodeContext, { metadata, spec }: Pod) =>
  sandbox !== null &&
  !spec.containers.some(({ image }) =>
    isBuilder(image) ? metadata.namespace === DOCKERFILE_NAMESPACE : hostImages.includes(image),
  )

/** What a pod's containers are kept from, where no OCI runtime runs them; null: nothing is hidden from them. */
export function confinementIn(
  context: NodeContext,
  pod: Pod,
  { user }: PodRecord,
  env: Readonly<Record<string, string>>,
): Confinement | null {
  return isConfined(context, pod) ? { user, ownProcesses: context.sandbox?.ownProcesses === true, env } : null
}

/** The same for a container that an earlier life of the node started. */
export const confinementOf = ({ confined, identity, env }: ContainerMeta): Confinement | null =>
  confined === undefined ? null : { user: identity?.uid ?? null, ...confined, env }

/** In home folders, these hold more than programs. */
const PRIVATE = ['', '.local', '.cargo', 'go'].map((name) => join(homedir(), name))

/** What of the machine confined containers need, wherever it is. Of home folders that are folders of programs, and their parts. */
export function confinedPlaces(hostPath: string, machinePlaces: readonly string[]): string[] {
  const entries = hostPath.split(':').filter((entry) => entry.startsWith('/') && !entry.includes('/node_modules'))
  const folders = entries.map((entry) => {
    const parent = dirname(entry)
    return /^(?:s?bin|shims)$/.test(basename(entry)) && !PRIVATE.includes(parent) ? parent : entry
  })
  const places = [dirname(SHIM), ...machinePlaces, ...repositoryPlaces(), ...folders].filter((place) =>
    existsSync(place),
  )
  // A root's own programs are there anyway.
  return [...new Set(places)].filter((place) => dirname(place) !== place)
}

/**
 * Gives a pod a user of its own: the one that it had, that of the files which outlive it, or a new one.
 * Pods that share such files share a user, too.
 */
export async function ownPod(
  context: NodeContext,
  pod: Pod,
  record: PodRecord,
  claims: readonly string[],
): Promise<void> {
  if (context.runtime !== null || context.sandbox?.ownUsers !== true || !isConfined(context, pod)) return
  const caches = pod.spec.containers
    .filter(({ image }) => isBuilder(image))
    .map(({ env = [] }) => {
      return buildCache(context, env.find(({ name }) => name === 'CACHE_KEY')?.value)
    })
  const home = join(record.dir, 'home')
  record.lasting = [...claims, ...caches]
  record.user ??= userOf(context, record, home)
  for (const place of [home, join(record.dir, 'tmp'), ...record.lasting]) await give(place, record.user)
  // The way to its own folders; that to others' is closed above.
  chmodSync(record.dir, 0o711)
}

function userOf({ pods }: NodeContext, record: PodRecord, home: string): number {
  const others = [...pods.values()].filter(({ user }) => user !== null)
  const sharing = others.find(({ lasting }) => lasting.some((place) => record.lasting.includes(place)))
  const owners = [home, ...record.lasting].map((place) => statSync(place, { throwIfNoEntry: false })?.uid ?? 0)
  const known = sharing?.user ?? owners.find((uid) => uid >= FIRST_USER)
  let user = known ?? newUser()
  while (known === undefined && others.some((other) => other.user === user)) user = newUser()
  return user
}

const newUser = () => FIRST_USER + randomInt(MOST_USERS)

/** The directory itself last: what was cut off begins again. */
async function give(place: string, user: number): Promise<void> {
  mkdirSync(place, { recursive: true, mode: 0o700 })
  if (statSync(place).uid !== user) await run('chown', ['-hR', `${user}:${user}`, place])
}

/** Lets pods write what they see of an image, under layers of their own: the files belong to no pod. */
export async function openImage(rootDir: string): Promise<void> {
  if (statSync(rootDir).gid === IMAGE_GROUP) return
  await run('chmod', ['-R', 'g=u', rootDir])
  await run('chgrp', ['-hR', String(IMAGE_GROUP), rootDir])
}

/** The cache of a build's app; those of others are not there. */
export const buildCache = ({ cacheDir }: NodeContext, key = ''): string =>
  join(cacheDir, 'apps', 'own', /^[a-z0-9][a-z0-9._-]{0,127}$/i.exec(key)?.[0] ?? 'none')
