import type { ControllerContext } from './context.ts'

/**
 * Takes away files that no row stands for: what a crash left between a file and its row, and what was removed while this
 * process was away. Done at the start of a leader's term.
 */
export async function sweep(context: ControllerContext): Promise<void> {
  const { db, sources, buildLogs, repositories, logger } = context
  const active = await db.client.build.findMany({
    where: { status: { in: ['queued', 'running'] } },
    select: { sourceName: true },
  })
  const wanted = new Set(active.map(({ sourceName }) => sourceName))
  const stale = (await sources.list()).filter((name) => !wanted.has(name))
  await removeOld(stale, sources)

  const apps = new Set((await db.client.app.findMany({ select: { id: true } })).map(({ id }) => id))
  for (const id of await repositories.list()) if (!apps.has(id)) await repositories.remove(id)

  const logs = await buildLogs.list()
  const builds = new Set(
    (await db.client.build.findMany({ where: { id: { in: logs.filter(isUuid) } }, select: { id: true } })).map(
      ({ id }) => id,
    ),
  )
  for (const id of logs) if (!builds.has(id)) await buildLogs.remove(id)
  logger.debug({ sources: stale.length }, 'swept what no row stands for')
}

const isUuid = (text: string) => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text)

/** A push writes its source before its row: only what is older than any push could be is taken. */
const OLD_MS = 60 * 60_000

async function removeOld(names: readonly string[], sources: ControllerContext['sources']): Promise<void> {
  for (const name of names) if ((await sources.ageMs(name)) > OLD_MS) await sources.remove(name)
}
