import { describe, expect, it } from 'vitest'
import { type Repair, repairCommand, repairLabel, repairPermission, repairSchema, repairsFor } from './repair.ts'
import { PERMISSIONS, type ROLES } from './roles.ts'

const ALL: Repair[] = [
  { kind: 'roll_back', release: 2 },
  { kind: 'set_variable', name: 'DATABASE_URL' },
  { kind: 'raise_memory', process: 'web', memoryMiB: 512 },
  { kind: 'scale_down', process: 'web', instances: 1 },
  { kind: 'resize', process: 'web' },
  { kind: 'raise_start_timeout' },
  { kind: 'deploy_image' },
  { kind: 'add_registry' },
  { kind: 'raise_quota' },
  { kind: 'restart', process: 'web' },
  { kind: 'build_again', build: 3 },
  { kind: 'open_build_log', build: 3 },
  { kind: 'open_release_log', release: 3 },
  { kind: 'open_log', process: 'web', instance: 'shop-web-1' },
]

describe('18 Repair where it hurts', () => {
  it('every kind has a label and a permission, and survives the database', () => {
    expect(new Set(ALL.map(({ kind }) => kind)).size).toBe(repairSchema.options.length)
    for (const repair of ALL) {
      expect(repairLabel(repair)).toMatch(/^[A-Z]/)
      expect(Object.keys(PERMISSIONS)).toContain(repairPermission(repair))
      expect(repairSchema.parse(JSON.parse(JSON.stringify(repair)))).toEqual(repair)
    }
  })

  it('a viewer is offered to look only, a developer no registry and no quota', () => {
    const kinds = (role: (typeof ROLES)[number]) =>
      repairsFor(ALL, { role, sourceKind: 'image' }).map(({ kind }) => kind)
    expect(kinds('viewer')).toEqual(['open_build_log', 'open_release_log', 'open_log'])
    expect(kinds('developer')).not.toContain('add_registry')
    expect(kinds('developer')).not.toContain('raise_quota')
    expect(kinds('owner')).toHaveLength(ALL.length)
  })

  it('another image is offered to apps of images only', () => {
    const kinds = repairsFor(ALL, { role: 'owner', sourceKind: 'git' }).map(({ kind }) => kind)
    expect(kinds).not.toContain('deploy_image')
  })

  it.each([
    [ALL[0], 'rollback v2'],
    [ALL[1], 'config set DATABASE_URL=VALUE'],
    [ALL[2], 'scale web --memory 512Mi'],
    [ALL[3], 'scale web=1'],
    [ALL[9], 'restart web'],
    [ALL[10], 'builds again 3'],
    [ALL[12], 'releases output v3'],
    [ALL[13], 'logs --instance shop-web-1'],
  ])('%o is "slipway %s"', (repair, command) => {
    expect(repair && repairCommand(repair)?.join(' ')).toBe(command)
  })
})
