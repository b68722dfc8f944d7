import type { WantedApp } from '@slipway/db'
import {
  type AppSummary,
  type AppView,
  type CertificateView,
  isBuildOver,
  optionsIn,
  type ProcessView,
  releaseCommandStatus,
} from '@slipway/domain'
import type { ApiConfig } from '../ports/config.ts'
import { type AddressConfig, domainsOf, gitUrlOf, primaryUrl } from './address.ts'
import { NO_INGRESS, NO_REGISTRY } from './capabilities.ts'
import type { ObservedApp } from './observed.ts'
import { buildView, releaseView, slipwayFileOf } from './release-view.ts'

export type ViewConfig = AddressConfig & Pick<ApiConfig, 'capabilities'>
/** An app's page, the same for everyone who may see it. */
export type SharedAppView = Omit<AppView, 'role'>

/** An app as lists show it. */
export function summaryOf(config: ViewConfig, app: WantedApp, observed: ObservedApp): AppSummary {
  const release = app.releases[0]
  const build = app.builds.find(({ status }) => !isBuildOver(status))
  return {
    ref: app.ref,
    environmentKind: app.environmentKind,
    sourceKind: app.sourceKind,
    health: observed.health,
    cause: observed.why?.cause ?? null,
    url: primaryUrl(config, app),
    instances: {
      ready: app.processes.reduce((sum, { name }) => sum + (observed.processes[name]?.ready ?? 0), 0),
      wanted: app.processes.reduce((sum, { instances }) => sum + instances, 0),
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

/** argv as people write it: the line itself where a shell runs it. */
function commandLine(argv: readonly string[] | null): string | null {
  if (!argv) return null
  const [shell, flag, line] = argv
  if (argv.length === 3 && flag === '-c' && line !== undefined && /(^|\/)(ba)?sh$/.test(shell ?? '')) return line
  return argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ')
}

/** Of a process that nothing was seen of yet. */
const UNSEEN = { ready: 0, status: 'Unknown', state: 'unknown', others: [] } satisfies Partial<ProcessView>

/** Of the process that runs before a release is deployed: how it stands for the current one. */
function releaseProcess(current: WantedApp['current']): Pick<ProcessView, keyof typeof UNSEEN> {
  const command = current?.command ?? null
  if (command === null) return UNSEEN
  switch (releaseCommandStatus(command)) {
    case 'waiting':
      return { ...UNSEEN, status: 'Progressing', state: 'waiting' }
    case 'running':
      return { ...UNSEEN, status: 'Progressing', state: 'running' }
    case 'succeeded':
      return { ...UNSEEN, status: 'Healthy', state: 'finished' }
    case 'failed':
    case 'stopped':
      return { ...UNSEEN, status: 'Degraded', state: 'release_failed' }
  }
}

function processViews(app: WantedApp, observed: ObservedApp): ProcessView[] {
  return app.processes.map(
    ({ name, kind, command, instances, cpuMillis, memoryMiB, scaleRules, scaleProblem, ...rest }) => ({
      ...{ name, kind, command: commandLine(command), instances, cpuMillis, memoryMiB },
      ...{ scaleRules, scaleProblem, options: optionsIn(rest) },
      ...(kind === 'release' ? releaseProcess(app.current) : (observed.processes[name] ?? UNSEEN)),
    }),
  )
}

function notConfigured({ capabilities }: ViewConfig, app: WantedApp): string[] {
  const sentences: string[] = []
  if (app.sourceKind === 'git' && !capabilities.builds) sentences.push(NO_REGISTRY)
  if (!capabilities.ingress) sentences.push(NO_INGRESS)
  return sentences
}

/** An app as its page shows it. */
export function viewOf(
  config: ViewConfig,
  app: WantedApp,
  observed: ObservedApp,
  certificateOf: (hostname: string) => CertificateView | null,
): SharedAppView {
  return {
    ...summaryOf(config, app, observed),
    createdAt: app.createdAt.toISOString(),
    currentRelease: app.release,
    servingRelease: observed.servingRelease,
    why: observed.why,
    processes: processViews(app, observed),
    instanceList: observed.instances,
    domains: domainsOf(config, app).map((domain) => ({ ...domain, certificate: certificateOf(domain.hostname) })),
    gitUrl: gitUrlOf(config, app.ref),
    image: app.current?.image ?? null,
    source: app.source,
    settings: app.settings,
    deployBranch: app.deployBranch,
    slipwayFile: slipwayFileOf(app.builds[0]),
    recentReleases: app.releases.map(releaseView),
    recentBuilds: app.builds.map(buildView),
    notConfigured: notConfigured(config, app),
  }
}
