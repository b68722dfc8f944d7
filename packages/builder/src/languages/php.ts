import { createHash } from 'node:crypto'
import { copyFile, mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import semver from 'semver'
import { openRoot } from '../detect-root.ts'
import { wantedVersion } from '../detect-versions.ts'
import { BuildFailure } from '../failure.ts'
import { isFile, readText } from '../files.ts'
import { keepInstalled, takeInstalled } from '../installed.ts'
import { ADDED_DIR, APP_DIR, type Build, type BuildContext, type ToolLayer } from '../plan.ts'
import { shell } from '../procfile.ts'
import { findProgram, outputOf, requireProgram, runTool, warnOfVersion } from '../tool.ts'
import { buildAssets } from './node/assets.ts'

const ROUTER = path.posix.join(ADDED_DIR, 'php')
/** Folders that frameworks serve, the top last. */
const ROOTS = ['public', 'web', 'webroot', 'html', 'pub', '.']

/**
 * PHP apps: packages by Composer, assets by Node.js where there is a package.json, served by PHP's own server.
 * Reference: https://devcenter.heroku.com/articles/php-support
 */
export const buildPhp: Build = async (context) => {
  const { dir, log } = context
  const root = context.procfile === null ? await documentRoot(dir) : null
  await requireProgram(context, 'php', 'PHP', 'php-cli')
  const hasComposer = await isFile(dir, 'composer.json')
  const composer = hasComposer ? await composerOf(context) : null
  const version = (await outputOf(context, 'php', ['-r', 'echo PHP_VERSION;'])) ?? null
  log.step(`Using PHP ${version}`)
  await warnOfPhp(context, version)
  const keep = composer === null ? undefined : await install(context, composer, version ?? '')
  const assets = await buildAssets(context)
  if (root !== null) log.line(`Serving ${root === '.' ? 'the whole tree' : `${root}/`} with PHP's own server`)
  const line = `exec php -S 0.0.0.0:$PORT -t ${root} ${ROUTER}/php-router.php`
  return {
    processes: root === null ? [] : [{ name: 'web', kind: 'web', command: shell(line) }],
    env: { PHP_CLI_SERVER_WORKERS: '4', APP_ENV: 'production' },
    top: dir,
    workingDir: '',
    isDependency: (name) => name === 'vendor' || name.startsWith('vendor/'),
    isSpare: (name) => name === 'node_modules',
    tools: root === null ? [] : [await routerLayer(context.cacheDir)],
    runtime: { language: 'php', version, layer: null },
    async keep() {
      await keep?.()
      await assets.keep()
    },
  }
}

async function documentRoot(dir: string): Promise<string> {
  for (const folder of ROOTS) {
    if ((await isFile(dir, `${folder}/index.php`)) || (await isFile(dir, `${folder}/index.html`))) return folder
  }
  throw new BuildFailure(
    'Slipway does not know how to start this PHP app: it has no Procfile and no index.php at the top or in public/.',
    'Add a Procfile with a line such as "web: php -S 0.0.0.0:$PORT -t htdocs", and push again.',
  )
}

async function composerOf(context: BuildContext): Promise<string[]> {
  if (await isFile(context.dir, 'composer.phar')) return ['php', 'composer.phar']
  if ((await findProgram(context.env, 'composer')) !== null) return ['composer']
  await requireProgram(context, 'composer', 'Composer', 'composer')
  return ['composer']
}

async function warnOfPhp({ dir, log }: BuildContext, version: string | null): Promise<void> {
  const wanted = await wantedVersion('php', openRoot({ files: [], read: (name) => readText(dir, name) }, ''))
  const bare = semver.coerce(version)?.version
  if (wanted === null || bare === undefined) return
  const range = semver.validRange(
    wanted.asked
      .replace(/\s*\|\s*(?!\|)/g, ' || ')
      .replace(/\|\| *\|\|/g, '||')
      .replaceAll(',', ' '),
  )
  if (range !== null && !semver.satisfies(bare, range)) warnOfVersion(log, { ...wanted, title: 'PHP', used: bare })
}

async function install(
  context: BuildContext,
  [command = 'composer', ...first]: string[],
  version: string,
): Promise<() => Promise<void>> {
  const { dir, cacheDir, log } = context
  const lock = (await readText(dir, 'composer.lock')) ?? ''
  const hash = createHash('sha256')
    .update(lock)
    .update((await readText(dir, 'composer.json')) ?? '')
    .digest('hex')
  const key = `php-${version}-${hash.slice(0, 24)}`
  // Composer itself sees what is missing, writes its autoloader anew and runs the app's scripts.
  await takeInstalled(cacheDir, key, dir)
  log.step('Installing dependencies (composer install)')
  await runTool(context, {
    command,
    args: [
      ...first,
      'install',
      '--no-dev',
      '--prefer-dist',
      '--optimize-autoloader',
      '--no-interaction',
      '--no-progress',
    ],
    env: { COMPOSER_ALLOW_SUPERUSER: '1' },
    title: 'composer install --no-dev',
    what: 'Installing the dependencies',
  })
  return () => keepInstalled(cacheDir, key, dir, ['vendor'])
}

async function routerLayer(cacheDir: string): Promise<ToolLayer> {
  const source = path.join(import.meta.dirname, 'php-router.php')
  const key = `php-router-${createHash('sha256')
    .update(await readFile(source))
    .digest('hex')
    .slice(0, 16)}`
  const dir = path.join(cacheDir, 'tools', key)
  await mkdir(dir, { recursive: true })
  await copyFile(source, path.join(dir, 'php-router.php'))
  return { dir, prefix: path.posix.join(APP_DIR, ROUTER), key }
}
