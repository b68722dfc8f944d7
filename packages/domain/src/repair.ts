import { z } from 'zod'
import { type Permission, type Role, roleAllows } from './roles.ts'

const process = z.string()
const number = z.number().int().min(1)

/** What somebody can do about a cause, where it is shown: a button on the page, a command in the CLI. The best one comes first. */
export const repairSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('roll_back'), release: number }),
  z.object({ kind: z.literal('set_variable'), name: z.string() }),
  /** `memoryMiB`: the limit to propose. */
  z.object({ kind: z.literal('raise_memory'), process, memoryMiB: number }),
  /** `instances`: what runs already. */
  z.object({ kind: z.literal('scale_down'), process, instances: number }),
  /** Fewer instances would not help: a smaller size may. */
  z.object({ kind: z.literal('resize'), process }),
  z.object({ kind: z.literal('raise_start_timeout') }),
  z.object({ kind: z.literal('deploy_image') }),
  z.object({ kind: z.literal('add_registry') }),
  z.object({ kind: z.literal('raise_quota') }),
  z.object({ kind: z.literal('restart'), process }),
  z.object({ kind: z.literal('build_again'), build: number }),
  z.object({ kind: z.literal('open_build_log'), build: number }),
  z.object({ kind: z.literal('open_release_log'), release: number }),
  z.object({ kind: z.literal('open_log'), process, instance: z.string().nullable() }),
])
export type Repair = z.infer<typeof repairSchema>

/** What a button says. */
export function repairLabel(repair: Repair): string {
  switch (repair.kind) {
    case 'roll_back':
      return `Roll back to v${repair.release}`
    case 'set_variable':
      return `Set ${repair.name}`
    case 'raise_memory':
      return `Raise the limit to ${repair.memoryMiB} MiB`
    case 'scale_down':
      return `Scale ${repair.process} down to ${repair.instances}`
    case 'resize':
      return `Resize ${repair.process}`
    case 'raise_start_timeout':
      return 'Raise the start timeout'
    case 'deploy_image':
      return 'Deploy another image'
    case 'add_registry':
      return 'Add registry credentials'
    case 'raise_quota':
      return 'Open the quota'
    case 'restart':
      return `Restart ${repair.process}`
    case 'build_again':
      return 'Try again'
    case 'open_build_log':
      return 'Open the build log'
    case 'open_release_log':
      return 'Open the release log'
    case 'open_log':
      return 'Open the log'
  }
}

/** What a role needs to hold for it; the platform decides again when it is done. */
export function repairPermission(repair: Repair): Permission {
  switch (repair.kind) {
    case 'roll_back':
    case 'deploy_image':
    case 'build_again':
    case 'restart':
      return 'app.deploy'
    case 'set_variable':
      return 'config.write'
    case 'raise_memory':
    case 'scale_down':
    case 'resize':
      return 'app.scale'
    case 'raise_start_timeout':
      return 'app.update'
    case 'add_registry':
      return 'registry.manage'
    case 'raise_quota':
      return 'quota.manage'
    case 'open_build_log':
    case 'open_release_log':
    case 'open_log':
      return 'app.read'
  }
}

/** Those that the role may, and that fit the app's kind of source. */
export function repairsFor(
  repairs: readonly Repair[],
  { role, sourceKind }: { role: Role; sourceKind: 'git' | 'image' },
): Repair[] {
  return repairs.filter(
    (repair) =>
      roleAllows(role, repairPermission(repair)) && (repair.kind !== 'deploy_image' || sourceKind === 'image'),
  )
}

/** The same in words of the `slipway` command; null where there is none. Values that a person has to choose stand in capitals. */
export function repairCommand(repair: Repair): string[] | null {
  switch (repair.kind) {
    case 'roll_back':
      return ['rollback', `v${repair.release}`]
    case 'set_variable':
      return ['config', 'set', `${repair.name}=VALUE`]
    case 'raise_memory':
      return ['scale', repair.process, '--memory', `${repair.memoryMiB}Mi`]
    case 'scale_down':
      return ['scale', `${repair.process}=${repair.instances}`]
    case 'resize':
      return ['scale', repair.process, '--cpu', 'CPU', '--memory', 'MEMORY']
    case 'raise_start_timeout':
      return ['settings', 'set', 'startTimeout=SECONDS']
    case 'deploy_image':
      return ['deploy', '--image', 'IMAGE']
    case 'add_registry':
      return ['registries', 'add', 'HOST', '--username', 'NAME']
    case 'raise_quota':
      return null
    case 'restart':
      return ['restart', repair.process]
    case 'build_again':
      return ['builds', 'again', String(repair.build)]
    case 'open_build_log':
      return ['builds', 'log', String(repair.build)]
    case 'open_release_log':
      return ['releases', 'output', `v${repair.release}`]
    case 'open_log':
      return ['logs', ...(repair.instance === null ? ['--process', repair.process] : ['--instance', repair.instance])]
  }
}
