import type { Database } from './database.ts'

/** An environment with its project, its team and the number of its apps; null when it is gone. */
export function findEnvironment({ client }: Database, id: string) {
  return client.environment.findUnique({
    where: { id },
    include: { project: { include: { team: true } }, _count: { select: { apps: true } } },
  })
}

export type EnvironmentWithPlace = NonNullable<Awaited<ReturnType<typeof findEnvironment>>>

/** Notes that what is wanted of a generation was applied; a newer one is not touched. */
export async function observeEnvironment({ client }: Database, id: string, generation: number): Promise<void> {
  await client.environment.updateMany({ where: { id, generation }, data: { observedGeneration: generation } })
}
