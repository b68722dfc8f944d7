import type { Command } from 'commander'
import { answer, say, table } from '../io.ts'
import { parseCount } from '../parse.ts'
import { appOf, type Runtime, withSession } from '../runtime.ts'
import { ago } from '../time.ts'

/** Builds of all teams that run or wait. */
export function registerAdminBuilds(admin: Command, runtime: Runtime): void {
  const { io } = runtime
  admin
    .command('builds')
    .description('Running and queued builds of all teams, next first')
    .action(() =>
      withSession(runtime, async ({ api }) =>
        answer(io, await api.admin.builds.query(), (builds) => {
          if (builds.length === 0) return say(io, 'Nothing is being built.')
          const rows = builds.map(({ ref, status, commit, branch, by, createdAt }) => [
            `${ref.team}/${ref.project}/${ref.environment}/${ref.app}`,
            String(ref.build),
            status,
            `${commit.slice(0, 7)} on ${branch}`,
            by,
            ago(createdAt, runtime.nowMs()),
          ])
          table(io, ['APP', 'BUILD', 'STATUS', 'COMMIT', 'BY', 'SINCE'], rows)
        }),
      ),
    )
  admin
    .command('cancel-build')
    .description('Cancel a build of any team, named by --app team/project/environment/app')
    .argument('<build>', 'its number', parseCount(1, 2_147_483_647))
    .action((build: number, _options: object, command: Command) =>
      withSession(runtime, async (session) => {
        const ref = await appOf(runtime, command, session)
        answer(io, await session.api.admin.cancelBuild.mutate({ ...ref, build }), () =>
          say(io, `Build ${build} of ${ref.team}/${ref.project}/${ref.environment}/${ref.app} is being cancelled.`),
        )
      }),
    )
}
