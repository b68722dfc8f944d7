import { Command } from 'commander'
import { registerAccounts } from './commands/accounts.ts'
import { registerAdmin } from './commands/admin.ts'
import { registerApps } from './commands/apps.ts'
import { registerBuilds } from './commands/builds.ts'
import { registerChecks } from './commands/checks.ts'
import { registerCompletion } from './commands/completion.ts'
import { registerConfig } from './commands/config.ts'
import { type Exit, registerDeploy } from './commands/deploy.ts'
import { registerDomains } from './commands/domains.ts'
import { registerEnvironments } from './commands/environments.ts'
import { registerExec } from './commands/exec.ts'
import { registerGitCredential } from './commands/git-credential.ts'
import { registerLogin } from './commands/login.ts'
import { registerLogout } from './commands/logout.ts'
import { registerLogs } from './commands/logs.ts'
import { registerMembers } from './commands/members.ts'
import { registerOpen } from './commands/open.ts'
import { registerProjects } from './commands/projects.ts'
import { registerPromote } from './commands/promote.ts'
import { registerPs } from './commands/ps.ts'
import { registerQuota } from './commands/quota.ts'
import { registerRegistries } from './commands/registries.ts'
import { registerReleases } from './commands/releases.ts'
import { registerRestart } from './commands/restart.ts'
import { registerRollback } from './commands/rollback.ts'
import { registerRun } from './commands/run.ts'
import { registerRuns } from './commands/runs.ts'
import { registerScale } from './commands/scale.ts'
import { registerSchedules } from './commands/schedules.ts'
import { registerSettings } from './commands/settings.ts'
import { registerTeams } from './commands/teams.ts'
import { registerWhy } from './commands/why.ts'
import type { Runtime } from './runtime.ts'

const HELP = `
The app is taken from --app, from SLIPWAY_APP, or from the git remote "slipway" of the repository you are in.

Environment: SLIPWAY_URL (address of Slipway), SLIPWAY_TOKEN (API token instead of signing in), SLIPWAY_APP, NO_COLOR.
Exit codes:  0 done, 1 failed, 2 wrong usage or input, 3 not signed in or not allowed, 4 not found, 5 conflict,
             6 over quota, 7 not configured, 8 no answer or too many requests: try again, 130 interrupted.`

/** The commands of \`slipway\`. A command that ends in something other than success sets \`exit.code\`. */
export function createProgram(runtime: Runtime, exit: Exit, version: string, args: readonly string[] = []): Command {
  const program = new Command('slipway')
  program
    .description('Deploy and run apps on Slipway.')
    .version(version)
    .option('-a, --app <path>', 'the app: team/project/environment/app, or the end of that where it is clear')
    .option('--json', 'answer as JSON')
    .option('--verbose', 'also show Kubernetes’ own terms')
    .addHelpText('after', HELP)
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => runtime.io.stdout.write(text),
      writeErr: (text) => runtime.io.json || runtime.io.stderr.write(text),
      // Errors of usage are reported where all errors are, in main.ts.
      outputError: () => undefined,
    })
  registerLogin(program, runtime)
  registerLogout(program, runtime)
  registerTeams(program, runtime)
  registerMembers(program, runtime)
  registerProjects(program, runtime)
  registerEnvironments(program, runtime)
  registerApps(program, runtime)
  registerDeploy(program, runtime, exit)
  registerBuilds(program, runtime, exit)
  registerSettings(program, runtime)
  registerPs(program, runtime)
  registerWhy(program, runtime)
  registerScale(program, runtime)
  registerChecks(program, runtime)
  registerSchedules(program, runtime)
  registerRestart(program, runtime)
  registerRun(program, runtime, exit)
  registerRuns(program, runtime, exit)
  registerExec(program, runtime, exit, args)
  registerQuota(program, runtime)
  registerConfig(program, runtime, exit)
  registerLogs(program, runtime)
  registerDomains(program, runtime)
  registerReleases(program, runtime, exit)
  registerRollback(program, runtime, exit)
  registerPromote(program, runtime, exit)
  registerOpen(program, runtime)
  registerRegistries(program, runtime)
  registerAccounts(program, runtime)
  registerAdmin(program, runtime)
  registerGitCredential(program, runtime)
  registerCompletion(program, runtime)
  return program
}
