import { realpathSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Cgroups, groupsName, probeCgroups } from './cgroups/cgroups.ts'
import { runtimeGroups } from './cgroups/runtime-groups.ts'
import { type Missing, missingCgroups, missingSandbox } from './missing.ts'
import { type PodNetwork, probeNetwork } from './network/pod-network.ts'
import { machineCapacity } from './node-status.ts'
import type { NodeOptions } from './options.ts'
import { programPlaces } from './runtime/machine-root.ts'
import { type OciRuntime, probeRuntime } from './runtime/runtime.ts'
import { confinedPlaces } from './sandbox/own.ts'
import { probeSandbox, type Sandbox } from './sandbox/sandbox.ts'

/** A simulated node takes whatever comes. */
const SIMULATED_CAPACITY = { cpu: '100000', memory: '1Pi', 'ephemeral-storage': '1Pi', pods: '100000' }

/** What the machine has and allows. */
export interface Parts {
  runtime: OciRuntime | null
  machinePlaces: readonly string[]
  places: readonly string[]
  sandbox: Sandbox | null
  cgroups: Cgroups | null
  network: PodNetwork | null
  /** What the machine does not allow, and why. */
  missing: readonly Missing[]
  allocatable: Readonly<Record<string, string>>
}

/** Finds out what the machine has and allows; what it does not is said in the log. */
export async function prepareParts(options: NodeOptions): Promise<Parts> {
  await mkdir(join(options.dir, 'pods'), { recursive: true, mode: 0o700 })
  if (options.simulation !== undefined) {
    return {
      runtime: null,
      machinePlaces: [],
      places: [],
      sandbox: null,
      cgroups: null,
      network: null,
      missing: [],
      allocatable: { ...SIMULATED_CAPACITY, ...options.capacity },
    }
  }
  const capacity = await machineCapacity(options.dir)
  const off = { reason: 'it is switched off' }
  const hidden = [options.dir, ...(options.hiddenDirs ?? [])].map((dir) => realpathSync(dir))
  const machinePlaces = programPlaces(options.hostPath, options.dir)
  const places = confinedPlaces(options.hostPath, machinePlaces)
  const sandboxed = options.sandbox === 'none' ? { sandbox: null, ...off } : await probeSandbox(hidden, places)
  const grouped = options.cgroups === 'none' ? { cgroups: null, ...off } : probeCgroups(options.dir)
  const groups = runtimeGroups(groupsName(options.dir), grouped.cgroups?.unifiedBase ?? null)
  // A runtime takes the same rights, and needs the groups to tell what was killed for its memory.
  const isOff = options.ociRuntime === 'none' || options.sandbox === 'none' || grouped.cgroups === null
  const contained = isOff ? { runtime: null, ...off } : await probeRuntime(options.dir, groups, options.log ?? quiet)
  const limits = contained.runtime === null ? (grouped.cgroups?.unifiedBase ?? null) : groups.unifiedBase
  const { network, ...why } =
    options.podNetwork === 'none' ? { network: null, ...off } : await findNetwork(options, limits)
  if (network === null)
    options.log?.info('pods share the network of the machine and have to listen where PORT says', why)
  const missing = [
    ...(sandboxed.sandbox === null && contained.runtime === null ? [missingSandbox(sandboxed.reason)] : []),
    ...(grouped.cgroups === null ? [missingCgroups(grouped.reason)] : []),
  ]
  for (const { message } of missing) options.log?.warn(message)
  const allocatable = { ...capacity, ...options.capacity }
  const { runtime } = contained
  return {
    runtime,
    machinePlaces,
    places,
    sandbox: sandboxed.sandbox,
    cgroups: grouped.cgroups,
    network,
    missing,
    allocatable,
  }
}

const quiet = { info: () => undefined, warn: () => undefined }

const findNetwork = ({ dir, log = quiet }: NodeOptions, limits: string | null) =>
  probeNetwork(groupsName(dir), limits, log)
