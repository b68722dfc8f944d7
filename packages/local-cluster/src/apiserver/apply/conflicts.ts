import { ApiError } from '../../types/errors.ts'
import { type FieldSet, pathText } from './field-set.ts'
import { type Manager, type Managers, managerText } from './managers.ts'

/** A field that an apply would change and that another manager owns. */
export interface Conflict {
  manager: Manager
  path: string[]
}

export function conflictsOf(managers: Managers, self: string, changed: FieldSet): Conflict[] {
  const out: Conflict[] = []
  for (const id of [...managers.keys()].sort()) {
    const manager = managers.get(id)
    if (id === self || manager === undefined) continue
    for (const path of manager.set.intersection(changed).paths()) out.push({ manager, path })
  }
  return out
}

/** 409 that names every field and who owns it. Reference: managedfields/internal.NewConflictError. */
export function refuse(conflicts: Conflict[]): ApiError {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${managerText(manager)}`,
    field: pathText(path),
  }))
  return new ApiError(409, 'Conflict', messageOf(conflicts), { causes })
}

function messageOf(conflicts: Conflict[]): string {
  const [first] = conflicts
  if (first !== undefined && conflicts.length === 1) {
    return `Apply failed with 1 conflict: conflict with ${managerText(first.manager)}: ${pathText(first.path)}`
  }
  const byManager = Map.groupBy(conflicts, (conflict) => managerText(conflict.manager))
  const lines = [...byManager].flatMap(([name, list]) => [
    `conflicts with ${name}:`,
    ...list.map((conflict) => `- ${pathText(conflict.path)}`),
  ])
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`
}
