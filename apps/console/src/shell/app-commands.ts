import { type AppView, isReplicated, isRouted, type Permission, roleAllows } from '@slipway/domain'
import { Copy, ExternalLink, Gauge, RotateCcw, RotateCw, ScrollText } from 'lucide-react'
import { paths } from '#lib/paths.ts'
import type { PaletteCommand } from './palette-command.ts'

/** What the palette asks about before it is done. */
export type AppAction =
  | { kind: 'scale'; process: string }
  | { kind: 'restart'; process: string }
  | { kind: 'roll_back'; release: number }

interface AppCommandSources {
  app: AppView
  /** Opens the dialog of an action. */
  ask: (action: AppAction) => void
  go: (href: string) => void
  open: (url: string) => void
  copy: (text: string, what: string) => void
}

/** Releases to go back to that are offered; the page of releases has all. */
const ROLLBACKS = 3

const NOTHING_RUNS = 'Nothing is deployed yet.'

/** Why there is nothing to open; undefined where there is. */
function noAddress({ url, currentRelease, processes }: AppView): string | undefined {
  if (url !== null) return undefined
  if (currentRelease === null) return NOTHING_RUNS
  return processes.some(isRouted) ? 'This installation has no ingress.' : 'It has no web process.'
}

function addressCommands({ app, open, copy }: AppCommandSources): PaletteCommand[] {
  const { url, ref } = app
  const group = ref.app
  const about = url ?? undefined
  const disabled = noAddress(app)
  return [
    {
      ...{ id: 'app:open', group, label: `Open ${ref.app}`, about, disabled, icon: ExternalLink },
      run: () => url && open(url),
    },
    {
      ...{ id: 'app:copy', group, label: 'Copy address', about, disabled, icon: Copy },
      run: () => url && copy(url, 'The address'),
    },
  ]
}

function rollbackCommands({ app, ask }: AppCommandSources): PaletteCommand[] {
  const group = app.ref.app
  const earlier = app.recentReleases.filter(({ number, liveAt }) => number !== app.currentRelease && liveAt !== null)
  if (earlier.length === 0) {
    const disabled = app.currentRelease === null ? NOTHING_RUNS : 'No earlier release was ever live.'
    return [{ id: 'app:rollback', group, label: 'Roll back', disabled, icon: RotateCcw, run: () => undefined }]
  }
  return earlier.slice(0, ROLLBACKS).map(({ number, description }) => ({
    ...{ id: `app:rollback:${number}`, group, label: `Roll back to v${number}`, about: description, icon: RotateCcw },
    run: () => ask({ kind: 'roll_back', release: number }),
  }))
}

function processCommands({ app, ask }: AppCommandSources, may: (permission: Permission) => boolean): PaletteCommand[] {
  const group = app.ref.app
  const none = () => undefined
  if (app.processes.length === 0) {
    const nothing = { group, disabled: NOTHING_RUNS, run: none }
    return [
      ...(may('app.scale') ? [{ ...nothing, id: 'app:scale', label: 'Scale', icon: Gauge }] : []),
      ...(may('app.deploy') ? [{ ...nothing, id: 'app:restart', label: 'Restart', icon: RotateCw }] : []),
    ]
  }
  const scale = app.processes.filter(isReplicated).map(({ name, instances }) => ({
    ...{ id: `app:scale:${name}`, group, label: `Scale ${name}`, icon: Gauge },
    about: `${instances} ${instances === 1 ? 'instance' : 'instances'} now`,
    run: () => ask({ kind: 'scale', process: name }),
  }))
  const restart = app.processes.filter(isReplicated).map(({ name, instances }) => ({
    ...{ id: `app:restart:${name}`, group, label: `Restart ${name}`, icon: RotateCw },
    disabled: instances === 0 ? `${name} is scaled to 0.` : undefined,
    run: () => ask({ kind: 'restart', process: name }),
  }))
  return [...(may('app.scale') ? scale : []), ...(may('app.deploy') ? restart : [])]
}

/** What can be done with the app in view: what the role may not do is left out, what the state forbids says why. */
export function appCommands(sources: AppCommandSources): PaletteCommand[] {
  const { app, go } = sources
  const may = (permission: Permission) => roleAllows(app.role, permission)
  return [
    ...addressCommands(sources),
    {
      ...{ id: 'app:logs', group: app.ref.app, label: 'Open the logs', icon: ScrollText },
      run: () => go(paths.app(app.ref, 'logs')),
    },
    ...processCommands(sources, may),
    ...(may('app.deploy') ? rollbackCommands(sources) : []),
  ]
}
