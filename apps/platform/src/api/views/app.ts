import {
  type AppDetailRow,
  type AppSummaryRow,
  getAppRow,
  readProcesses,
  readSettings,
  scaleOf,
  scalesOf,
} from '@slipway/db'
import { type AppSummary, type AppView, isBuildOver, type ProcessView, type Role, type WhyView } from '@slipway/domain'
import { NO_INGRESS, NO_REGISTRY } from '../capabilities.ts'
import type { ApiDependencies } from '../context.ts'
import type { ObservedApp } from '../ports.ts'
import { domainsOf, gitUrlOf, primaryUrl } from './address.ts'
import { observe, refOf } from './observation.ts'
import { buildView, releaseView, slipwayFileOf } from './release.ts'

type ViewDependencies = Pick<ApiDependencies, 'db' | 'config' | 'ports'>

const WHY_LOG_LINES = 20

function summaryOf({ config }: ViewDependencies, app: AppSummaryRow, observed: ObservedApp): AppSummary {
  const scales = scalesOf(app.processes)
  const definitions = readProcesses(app.currentRelease?.processes ?? [])
  const release = app.releases[0]
  const build = app.builds.find(({ status }) => !isBuildOver(status))
  return {
    ref: refOf(app),
    environmentKind: app.environment.kind,
    sourceKind: app.sourceKind,
    health: observed.health,
    url: primaryUrl(
      config,
      app,
      definitions.some(({ kind }) => kind === 'web'),
    ),
    instances: {
      ready: definitions.reduce((sum, { name }) => sum + (observed.ready[name] ?? 0), 0),
      wanted: definitions.reduce((sum, { name }) => sum + scaleOf(scales, name).instances, 0),
    },
    lastRelease: release
      ? {
          number: release.number,
          description: release.description,
          status: release.status,
          by: release.by,
          at: release.createdAt.toISOString(),
        }
      : null,
    activeBuild: build ? { number: build.number, status: build.status } : null,
  }
}

/** An app as lists show it. */
export function appSummary(dependencies: ViewDependencies, app: AppSummaryRow): AppSummary {
  return summaryOf(dependencies, app, observe(dependencies.ports.cluster, app).observed)
}

/** argv as people write it: the line itself where a shell runs it. */
function commandLine(argv: readonly string[] | null): string | null {
  if (!argv) return null
  const [shell, flag, line] = argv
  if (argv.length === 3 && flag === '-c' && line !== undefined && /(^|\/)(ba)?sh$/.test(shell ?? '')) return line
  return argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ')
}

function processViews(app: AppSummaryRow, observed: ObservedApp): ProcessView[] {
  const scales = scalesOf(app.processes)
  return readProcesses(app.currentRelease?.processes ?? []).map(({ name, kind, command }) => ({
    name,
    kind,
    command: commandLine(command),
    ...scaleOf(scales, name),
    ready: observed.ready[name] ?? 0,
  }))
}

function notConfigured({ config }: ViewDependencies, app: AppSummaryRow): string[] {
  const sentences: string[] = []
  if (app.sourceKind === 'git' && !config.capabilities.builds) sentences.push(NO_REGISTRY)
  if (!config.capabilities.ingress) sentences.push(NO_INGRESS)
  return sentences
}

/** Adds the end of the build's log where a build is the cause. */
async function whyWithLog(
  { ports }: ViewDependencies,
  app: AppDetailRow,
  why: WhyView | null,
): Promise<WhyView | null> {
  const build = why?.build === null ? undefined : app.builds.find(({ number }) => number === why?.build)
  if (!why || !build || why.logTail.length > 0) return why
  return { ...why, logTail: await ports.buildLogs.tail(build.id, WHY_LOG_LINES) }
}

/** An app as its page shows it. Throws `not_found` when it is gone or going. */
export async function loadAppView(dependencies: ViewDependencies, appId: string, role: Role): Promise<AppView> {
  const { db, config, ports } = dependencies
  const app = await getAppRow(db, appId)
  const { target, observed } = observe(ports.cluster, app)
  const { source } = app
  return {
    ...summaryOf(dependencies, app, observed),
    role,
    createdAt: app.createdAt.toISOString(),
    currentRelease: app.currentReleaseNumber,
    servingRelease: observed.servingRelease,
    why: await whyWithLog(dependencies, app, observed.why),
    processes: processViews(app, observed),
    instanceList: observed.instances,
    domains: domainsOf(config, app).map((domain) => ({
      ...domain,
      certificate: ports.cluster.certificateOf(target, domain.hostname),
    })),
    gitUrl: gitUrlOf(config, refOf(app)),
    image: app.currentRelease?.image ?? null,
    source: source && { host: source.host, repositoryUrl: source.repositoryUrl, branch: source.branch },
    settings: readSettings(app.buildSettings),
    deployBranch: app.deployBranch,
    slipwayFile: slipwayFileOf(app.builds[0]),
    recentReleases: app.releases.map(releaseView),
    recentBuilds: app.builds.map(buildView),
    notConfigured: notConfigured(dependencies, app),
  }
}
