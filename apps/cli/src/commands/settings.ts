import {
  AppError,
  type AppRef,
  type AppView,
  describeProcessFile,
  describeSetting,
  describeSlipwayFile,
  SETTING_LABELS,
  type SettingKey,
  settingsOfBuilder,
} from '@slipway/domain'
import type { Command } from 'commander'
import { answer, type Io, note, say } from '../io.ts'
import { collect, parseAssignment } from '../parse.ts'
import { type Runtime, type Session, withApp } from '../runtime.ts'
import { SETTING_NAMES, type SettingsEdit, settingsToSet, settingsToUnset } from '../settings.ts'

function settingsOf({ settings, deployBranch, slipwayFile }: AppView) {
  return { ...settings, deployBranch, slipwayFile }
}

function show(io: Io, app: AppView): void {
  const { settings, deployBranch, slipwayFile } = app
  const width = Math.max(...Object.values(SETTING_LABELS).map((label) => label.length)) + 2
  for (const key of settingsOfBuilder(settings.builder)) {
    say(io, `${`${SETTING_LABELS[key]}:`.padEnd(width)}${describeSetting(key, settings, deployBranch)}`)
  }
  if (!slipwayFile) return
  const { file } = slipwayFile
  const overrides = Object.entries(describeSlipwayFile(file)) as [SettingKey, string][]
  const processes = Object.keys(file.processes ?? {}).flatMap((name) => {
    const words = describeProcessFile(file, name)
    return words === null ? [] : [[`Process ${name}`, words]]
  })
  if (overrides.length + processes.length === 0) return
  say(io)
  say(io, `slipway.yaml in build #${slipwayFile.build} (${slipwayFile.commit.slice(0, 7)}) wins over these:`)
  for (const [key, value] of overrides) say(io, `${`${SETTING_LABELS[key]}:`.padEnd(width)}${value}`)
  for (const [label, words] of processes) say(io, `${`${label}:`.padEnd(width)}${words}`)
}

async function change(
  runtime: Runtime,
  session: Session,
  ref: AppRef,
  editOf: (app: AppView) => SettingsEdit,
): Promise<void> {
  const { io } = runtime
  const edit = editOf(await session.api.app.get.query(ref))
  const app = await session.api.app.updateSettings.mutate({ ...ref, ...edit })
  answer(io, settingsOf(app), () => {
    show(io, app)
    note(io, 'Saved. The next deploy uses them; what runs now stays as it is.')
  })
}

const EXAMPLES = `
Settings:
  root=apps/web             folder of the app in its repository (monorepo)
  branch=main               branch whose pushes are deployed; unset: the next push chooses it
  builder=dockerfile        automatic, native, dockerfile or buildpacks
  dockerfile=docker/web     path of the Dockerfile below the root directory
  target=runtime            stage of the Dockerfile to build; unset: the last one
  arg.NODE_ENV=production   a build argument. They stay in the image’s history: never secrets
  vars=NEXT_PUBLIC_*,DSN    config vars that the build sees: names, or prefixes with an asterisk
  spaFallback=on            static sites answer unknown paths with index.html: on, off or auto
  startTimeout=180          seconds that a web process has to listen on PORT (10 to 1800; default 120)

A slipway.yaml in the root directory wins over these.`

export function registerSettings(program: Command, runtime: Runtime): void {
  const settings = program.command('settings').description('How the app is built: directory, branch, builder')
  settings
    .command('show', { isDefault: true })
    .description('Show the settings, and what slipway.yaml says instead')
    .action((_options: unknown, command: Command) =>
      withApp(runtime, command, async ({ api }, ref) => {
        const app = await api.app.get.query(ref)
        answer(runtime.io, settingsOf(app), () => show(runtime.io, app))
      }),
    )
  settings
    .command('set')
    .description('Change settings; the next deploy uses them')
    .argument('<setting=value...>', 'such as root=apps/web builder=dockerfile', collect(parseAssignment), [])
    .addHelpText('after', EXAMPLES)
    .action((given: [string, string][], _options: unknown, command: Command) =>
      withApp(runtime, command, (session, ref) => {
        if (given.length === 0) throw new AppError('invalid_input', 'Say what to set, such as root=apps/web.')
        return change(runtime, session, ref, (app) => settingsToSet(app.settings, given))
      }),
    )
  settings
    .command('unset')
    .description('Put settings back to their defaults')
    .argument('<setting...>', SETTING_NAMES.join(', '))
    .action((names: string[], _options: unknown, command: Command) =>
      withApp(runtime, command, (session, ref) =>
        change(runtime, session, ref, (app) => settingsToUnset(app.settings, names)),
      ),
    )
}
