import {
  AppError,
  type AppRef,
  type AppSummary,
  type AppView,
  appPath,
  type DomainView,
  type EnvironmentRef,
  readyWords,
  SIZE_NAMES,
  type SizeName,
} from '@slipway/domain'
import { type Command, Option } from 'commander'
import { describeCertificate } from '../certificate.ts'
import type { Api } from '../client.ts'
import { confirmName } from '../confirm.ts'
import { addRemote, isRepository, REMOTE, slipwayRemote, useCredentialHelper } from '../git.ts'
import { describeHealth, paintHealth } from '../health.ts'
import { answer, type Io, note, say, table } from '../io.ts'
import { type Runtime, withApp, withSession } from '../runtime.ts'
import { ago } from '../time.ts'
import { teamOf } from './projects.ts'

interface Place {
  team?: string
  project?: string
  environment?: string
}

interface CreateOptions extends Place {
  image?: string
  command?: string
  size?: SizeName
  remote: boolean
}

function listApps(io: Io, apps: AppSummary[], nowMs: number): void {
  if (apps.length === 0) {
    say(io, 'There are no apps yet. Create one with "slipway apps create <name>".')
    return
  }
  const rows = apps.map(({ ref, health, instances, lastRelease, url }) => [
    appPath(ref),
    paintHealth(io, health),
    `${instances.ready}/${instances.wanted}`,
    lastRelease ? `v${lastRelease.number} ${ago(lastRelease.at, nowMs)}` : '-',
    url ?? '-',
  ])
  table(io, ['APP', 'HEALTH', 'READY', 'LAST RELEASE', 'ADDRESS'], rows)
}

/** One line a host where any has a certificate, otherwise all hosts in one line. */
function domainFacts(io: Io, domains: DomainView[], nowMs: number): [string, string | null][] {
  if (domains.every(({ certificate }) => certificate === null))
    return [['Domains', domains.map(({ hostname }) => hostname).join(', ') || null]]
  return domains.map(({ url, certificate }) => [
    'Domain',
    certificate === null ? url : `${url}  certificate ${describeCertificate(io, certificate, nowMs)}`,
  ])
}

function showApp(io: Io, app: AppView, nowMs: number): void {
  say(io, `${appPath(app.ref)}`)
  describeHealth(io, app)
  const facts: [string, string | null][] = [
    ['Address', app.url],
    [
      'Release',
      app.currentRelease === null
        ? null
        : `v${app.currentRelease}${app.servingRelease !== null && app.servingRelease !== app.currentRelease ? ` (v${app.servingRelease} still serves)` : ''}`,
    ],
    ['Image', app.image],
    ['Processes', app.processes.map((process) => `${process.name} ${readyWords(process)}`).join('; ') || null],
    ['Git', app.sourceKind === 'git' ? app.gitUrl : null],
    ['Repository', app.source ? `${app.source.repositoryUrl} (${app.source.branch})` : null],
    ...domainFacts(io, app.domains, nowMs),
    ['Your role', app.role],
    ['Created', ago(app.createdAt, nowMs)],
  ]
  for (const [name, fact] of facts) if (fact) say(io, `  ${`${name}:`.padEnd(12)}${fact}`)
  for (const sentence of app.notConfigured) note(io, sentence)
}

/** Where a new app goes: what is named, else the only project there is and its production. */
async function placeOf(api: Api, place: Place): Promise<EnvironmentRef> {
  const team = await teamOf(api, place.team)
  const environment = place.environment ?? 'production'
  if (place.project) return { team, project: place.project, environment }
  const { projects } = await api.team.get.query({ team })
  const [only] = projects
  if (only && projects.length === 1) return { team, project: only.project, environment }
  if (!only)
    throw new AppError(
      'not_found',
      `The team ${team} has no project yet. Create one with "slipway projects create <name>".`,
    )
  throw new AppError(
    'invalid_input',
    `The team ${team} has several projects. Say which with --project: ${projects.map(({ project }) => project).join(', ')}.`,
  )
}

/** Sets up the git remote in a repository that has none, and tells how to deploy. */
async function tellGit(runtime: Runtime, app: AppView, remote: boolean): Promise<void> {
  const { io, cwd } = runtime
  const existing = await slipwayRemote(cwd)
  if (remote && !existing && (await isRepository(cwd))) {
    await addRemote(cwd, app.gitUrl)
    await useCredentialHelper(cwd, app.gitUrl)
    say(io, `Added the git remote ${REMOTE}; git takes the password from "slipway login".`)
  } else if (existing !== app.gitUrl) {
    say(io, `Add the git remote:  git remote add ${REMOTE} ${app.gitUrl}`)
  }
  say(io, `Deploy with:         git push ${REMOTE} HEAD:main`)
  if (!remote || existing) say(io, 'Git asks for a user (any) and a password: an API token of your account.')
}

async function create(runtime: Runtime, name: string, options: CreateOptions): Promise<void> {
  const { io } = runtime
  if (options.command && !options.image)
    throw new AppError(
      'invalid_input',
      '--command goes with --image. Apps built from source name their command in a Procfile.',
    )
  if (options.size && !options.image)
    throw new AppError(
      'invalid_input',
      '--size goes with --image. Apps built from source name the size of each process in slipway.yaml.',
    )
  await withSession(runtime, async ({ api }) => {
    const { image, command, size } = options
    const source = image ? ({ kind: 'image', image, command, size } as const) : ({ kind: 'git' } as const)
    const made = await api.app.create.mutate({ ...(await placeOf(api, options)), app: name, source })
    if (io.json) return answer(io, made, () => undefined)
    say(io, `Created ${appPath(made.ref)}.`)
    if (image) say(io, `It is being deployed. "slipway ps --app ${appPath(made.ref)}" shows its progress.`)
    else await tellGit(runtime, made, options.remote)
  })
}

export function registerApps(program: Command, runtime: Runtime): void {
  const { io } = runtime
  const apps = program.command('apps').description('Apps you can see')
  apps
    .command('list', { isDefault: true })
    .description('List apps with their health')
    .option('-t, --team <team>', 'of one team')
    .option('-p, --project <project>', 'of one project')
    .option('-e, --environment <environment>', 'of one environment')
    .action((place: Place) =>
      withSession(runtime, async ({ api }) =>
        answer(io, await api.app.list.query(place), (list) => listApps(io, list, runtime.nowMs())),
      ),
    )
  apps
    .command('create <name>')
    .description('Create an app, deployed by git push or from an image')
    .option('-t, --team <team>', 'team it belongs to (default: your only one)')
    .option('-p, --project <project>', 'project it belongs to (default: the only one)')
    .option('-e, --environment <environment>', 'environment it runs in', 'production')
    .option('-i, --image <reference>', 'deploy this image instead of source')
    .option('--command <line>', 'shell line to run in the image instead of its own command')
    .addOption(new Option('--size <name>', 'size of its instance').choices(SIZE_NAMES))
    .option('--no-remote', 'do not add a git remote here')
    .action((name: string, options: CreateOptions) => create(runtime, name, options))
  apps
    .command('info')
    .description('Show one app')
    .action((_options: unknown, command: Command) =>
      withApp(runtime, command, async ({ api }, ref: AppRef) =>
        answer(io, await api.app.get.query(ref), (app) => showApp(io, app, runtime.nowMs())),
      ),
    )
  apps
    .command('delete')
    .description('Delete an app with its releases and config; asks for its name')
    .option('--confirm <name>', 'its name, instead of being asked')
    .action((options: { confirm?: string }, command: Command) =>
      withApp(runtime, command, async ({ api }, ref: AppRef) => {
        const confirm = await confirmName(runtime, ref.app, options.confirm)
        await api.app.delete.mutate({ ...ref, confirm })
        answer(io, { deleted: appPath(ref) }, () => say(io, `Deleting ${appPath(ref)}.`))
      }),
    )
}
