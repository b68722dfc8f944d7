import { glob } from 'node:fs/promises'
import path from 'node:path'
import semver from 'semver'
import { openRoot } from '../detect-root.ts'
import { wantedVersion } from '../detect-versions.ts'
import { BuildFailure } from '../failure.ts'
import { isFile, readText } from '../files.ts'
import type { Build, BuildContext } from '../plan.ts'
import { outputOf, requireProgram, runTool, warnOfVersion } from '../tool.ts'

/** Names that a server's command usually has. */
const SERVERS = ['server', 'web', 'api', 'app', 'main', 'http', 'httpd']

/**
 * Go apps: their commands become programs in bin/, linked statically, so that they run on any base image.
 * Reference: https://devcenter.heroku.com/articles/go-support
 */
export const buildGo: Build = async (context) => {
  const { dir, env, log } = context
  const commands = await mainPackages(dir)
  const main = context.procfile === null ? await serverOf(dir, commands) : null
  await requireProgram(context, 'go', 'Go', 'golang-go')
  const version = /go(\d[\d.]*)/.exec((await outputOf(context, 'go', ['version'])) ?? '')?.[1] ?? null
  log.step(`Using Go ${version}`)
  await warnOfGo(context, version)
  const names = await Promise.all(commands.map((folder) => programName(dir, folder)))
  log.step(`Building ${names.join(', ')} (go build)`)
  const hasModules = await isInModule(context)
  for (const [index, folder] of commands.entries()) {
    const target = hasModules ? `./${folder}` : await looseFiles(dir, folder)
    await runTool(context, {
      command: 'go',
      args: ['build', '-trimpath', '-ldflags', '-s -w', '-o', `bin/${names[index]}`, ...[target].flat()],
      env: { CGO_ENABLED: env.CGO_ENABLED ?? '0', ...(hasModules ? {} : { GO111MODULE: 'off' }) },
      title: `go build ./${folder}`,
      what: 'The build',
    })
  }
  const server = main === null ? null : `bin/${await programName(dir, main)}`
  return {
    processes: server === null ? [] : [{ name: 'web', kind: 'web', command: [`./${server}`] }],
    env: { PATH: '/app/bin' },
    top: dir,
    workingDir: '',
    isDependency: () => false,
    isSpare: (name) => name === 'vendor' || name === 'node_modules' || name.endsWith('_test.go'),
    tools: [],
    runtime: { language: 'go', version, layer: null },
  }
}

/** True where a go.mod or go.work is in the folder or above it: a root directory may be one command of a module. */
async function isInModule({ dir, repoDir }: BuildContext): Promise<boolean> {
  for (let folder = dir; ; folder = path.dirname(folder)) {
    if ((await isFile(folder, 'go.mod')) || (await isFile(folder, 'go.work'))) return true
    if (folder === repoDir || folder === path.dirname(folder)) return false
  }
}

/** Folders with a `package main`, relative to the top, which is empty. */
async function mainPackages(dir: string): Promise<string[]> {
  const found = new Set<string>()
  for await (const name of glob(['*.go', 'cmd/*.go', 'cmd/*/*.go', '*/*.go', '*/cmd/*/*.go'], { cwd: dir })) {
    if (name.endsWith('_test.go') || name.startsWith('vendor/')) continue
    const text = (await readText(dir, name)) ?? ''
    if (/^package main\b/m.test(text) && !/^\/\/go:build ignore/m.test(text))
      found.add(path.dirname(name).replace(/^\.$/, ''))
  }
  if (found.size > 0) return [...found].sort()
  throw new BuildFailure(
    'There is no command to run: no folder has a "package main".',
    'Add one at the top or below cmd/, and push again.',
  )
}

/** The command that is the app: the one at the top, the only one, or one named like a server. */
async function serverOf(dir: string, commands: readonly string[]): Promise<string> {
  if (commands.includes('') || commands.length === 1) return commands.includes('') ? '' : (commands[0] ?? '')
  const module = path.posix.basename(await moduleName(dir))
  const named = [module, ...SERVERS].map((name) => commands.find((folder) => path.basename(folder) === name))
  const server = named.find((folder) => folder !== undefined)
  if (server !== undefined) return server
  throw new BuildFailure(
    `The repository has ${commands.length} commands (${commands.slice(0, 8).join(', ')}), and Slipway does not know which of them to start.`,
    `Add a Procfile with a line such as "web: bin/${path.basename(commands[0] ?? 'app')}", and push again.`,
  )
}

async function moduleName(dir: string): Promise<string> {
  const name = /^module\s+(\S+)/m.exec((await readText(dir, 'go.mod')) ?? '')?.[1] ?? 'app'
  return name.replace(/\/v\d+$/, '')
}

const programName = async (dir: string, folder: string) =>
  folder === '' ? path.posix.basename(await moduleName(dir)) : path.basename(folder)

/** Files of a command without a module. */
async function looseFiles(dir: string, folder: string): Promise<string[]> {
  const files: string[] = []
  for await (const name of glob(path.join(folder, '*.go'), { cwd: dir }))
    if (!name.endsWith('_test.go')) files.push(name)
  return files.sort()
}

async function warnOfGo({ dir, log }: BuildContext, version: string | null): Promise<void> {
  const root = openRoot({ files: [], read: (name) => readText(dir, name) }, '')
  const wanted = await wantedVersion('go', root)
  const [asked, here] = [semver.coerce(wanted?.asked), semver.coerce(version)]
  if (wanted === null || asked === null || here === null || !semver.lt(here, asked)) return
  // From 1.21 on Go fetches a newer one by itself.
  if (semver.lt(here, '1.21.0')) warnOfVersion(log, { ...wanted, title: 'Go', used: version ?? '' })
}
