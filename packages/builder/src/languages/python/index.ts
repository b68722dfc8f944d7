import { glob, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import semver from 'semver'
import { openRoot } from '../../detect-root.ts'
import { wantedVersion } from '../../detect-versions.ts'
import { BuildFailure } from '../../failure.ts'
import { isFile, readText } from '../../files.ts'
import { type Installation, keepInstalled, NOTHING_INSTALLED, takeInstalled } from '../../installed.ts'
import { ADDED_DIR, APP_DIR, type Build, type BuildContext } from '../../plan.ts'
import { findProgram, outputOf, requireProgram, runTool, warnOfVersion } from '../../tool.ts'
import { buildAssets } from '../node/assets.ts'
import { findRequirements, type Requirements } from './requirements.ts'
import { findPythonStart, type PythonStart } from './start.ts'

const PACKAGES = path.posix.join(ADDED_DIR, 'python')

/**
 * Python apps: packages go into a folder of the app, so the image needs no virtual environment.
 * Reference: https://devcenter.heroku.com/articles/python-support
 */
export const buildPython: Build = async (context) => {
  const { dir, log } = context
  const start = context.procfile === null ? await decideStart(context) : null
  await requireProgram(context, 'python3', 'Python', 'python3 with pip')
  const version = (await outputOf(context, 'python3', ['--version']))?.replace(/^Python /, '') ?? null
  log.step(`Using Python ${version}`)
  await warnOfPython(context, version)
  const requirements = await findRequirements(dir)
  const installation = await install(context, requirements, version ?? '')
  const assets = await buildAssets(context)
  await collectStatic(context)
  if (start !== null) log.line(`Starting with ${start.title}`)
  return {
    processes: start === null ? [] : [{ name: 'web', kind: 'web', command: start.command }],
    // Relative to the working directory for images that run as processes of the host.
    env: {
      PYTHONPATH: `${PACKAGES}:/${APP_DIR}/${PACKAGES}:src`,
      PYTHONUNBUFFERED: '1',
      PATH: `/${APP_DIR}/${PACKAGES}/bin`,
    },
    top: dir,
    workingDir: '',
    isDependency: (name) => name === ADDED_DIR || name.startsWith(`${ADDED_DIR}/`),
    isSpare: (name) => /^(?!\.slipway\/)(.*\/)?__pycache__$|^\.venv$|^node_modules$/.test(name),
    tools: [],
    runtime: { language: 'python', version, layer: null },
    async keep() {
      await installation.keep()
      await assets.keep()
    },
  }
}

async function decideStart({ dir }: BuildContext): Promise<PythonStart> {
  const files: string[] = []
  for await (const name of glob('*/*.py', { cwd: dir })) files.push(name.split(path.sep).join('/'))
  const names = [
    'requirements.txt',
    'pyproject.toml',
    'Pipfile',
    'setup.py',
    'requirements/base.txt',
    'requirements/production.txt',
  ]
  const texts = (await Promise.all(names.map((name) => readText(dir, name))))
    .filter((text) => text !== null)
    .join('\n')
    .toLowerCase()
  const has = (name: string) =>
    new RegExp(`(^|["'\\s])${name.replaceAll('[', '\\[').replaceAll(']', '\\]')}(?![\\w-])`, 'm').test(texts)
  const start = await findPythonStart(dir, files.sort(), has)
  if (start !== null) return start
  throw new BuildFailure(
    'Slipway does not know how to start this Python app: it has no Procfile, no manage.py, and no main.py or app.py.',
    'Add a Procfile with a line such as "web: gunicorn app:app", and push again.',
  )
}

async function warnOfPython({ dir, log }: BuildContext, version: string | null): Promise<void> {
  const root = openRoot({ files: [], read: (name) => readText(dir, name) }, '')
  const wanted = await wantedVersion('python', root)
  if (wanted === null || version === null) return
  // PEP 440 as a range of semver.
  const range = wanted.asked
    .replaceAll(',', ' ')
    .replace(/==\s*/g, '')
    .replace(/~=\s*/g, '^')
    .replace(/!=\s*\S+/g, '')
    .replaceAll('*', 'x')
    .trim()
  const isExact = /^[\d.]+$/.test(range)
  const asked = isExact ? range.split('.').slice(0, 2).join('.') : range
  if (semver.validRange(asked) !== null && semver.satisfies(version, asked)) return
  warnOfVersion(log, { ...wanted, title: 'Python', used: version })
}

async function install(
  context: BuildContext,
  requirements: Requirements | null,
  version: string,
): Promise<Installation> {
  if (requirements === null) {
    context.log.line('No dependencies to install')
    return NOTHING_INSTALLED
  }
  const hasUv = requirements.tool === 'uv' && (await findProgram(context.env, 'uv')) !== null
  if (!hasUv) await requirePip(context)
  const key = requirements.key === null ? null : `python-${version}-${requirements.key}`
  const keep = async () => (key === null ? undefined : keepInstalled(context.cacheDir, key, context.dir, [PACKAGES]))
  if (key !== null && (await takeInstalled(context.cacheDir, key, context.dir))) {
    context.log.step(`Using the dependencies of an earlier build (${requirements.file})`)
    return { keep }
  }
  context.log.step(`Installing dependencies (${hasUv ? 'uv' : 'pip'}, ${requirements.file})`)
  if (hasUv) await installByUv(context)
  else await installByPip(context, requirements)
  await relocatePrograms(path.join(context.dir, PACKAGES, 'bin'))
  return { keep }
}

async function requirePip(context: BuildContext): Promise<void> {
  if ((await outputOf(context, 'python3', ['-m', 'pip', '--version'])) !== null) return
  throw new BuildFailure(
    'There is no pip where this build runs: "python3 -m pip" does not work.',
    'Ask your operator to install python3-pip there, or add a Dockerfile.',
  )
}

/** Requirements that were made from a lockfile: outside of the tree, or they would go into the image. */
const listOf = ({ cacheDir }: BuildContext) => path.join(cacheDir, 'requirements.txt')

async function installByUv(context: BuildContext): Promise<void> {
  const list = listOf(context)
  const what = 'Installing the dependencies'
  const dev = ['--frozen', '--no-dev', '--no-emit-project', '--quiet', '--output-file', list]
  await runTool(context, { command: 'uv', args: ['export', ...dev], title: 'uv export', what })
  await runTool(context, {
    command: 'uv',
    args: ['pip', 'install', '--target', PACKAGES, '-r', list],
    title: 'uv pip install',
    what,
  })
}

async function installByPip(context: BuildContext, { file, lines, isProject, tool }: Requirements): Promise<void> {
  if (tool === 'uv')
    context.log.warning('uv.lock asks for uv, which is not installed here; pip installs what pyproject.toml names.')
  let what = isProject || tool === 'uv' ? ['.'] : ['-r', file ?? 'requirements.txt']
  if (lines !== null) {
    const list = listOf(context)
    await writeFile(list, `${lines.join('\n')}\n`)
    // A lockfile is whole.
    what = [...(file?.endsWith('.lock') ? ['--no-deps'] : []), '-r', list]
  }
  await runTool(context, {
    command: 'python3',
    args: ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--target', PACKAGES, ...what],
    env: { PIP_ROOT_USER_ACTION: 'ignore' },
    title: 'pip install',
    what: 'Installing the dependencies',
  })
}

/** Programs start with the path of the Python that installed them; the image may have it elsewhere. */
async function relocatePrograms(dir: string): Promise<void> {
  for (const name of await readdir(dir).catch(() => [])) {
    const file = path.join(dir, name)
    const content = await readFile(file)
    if (
      !content
        .subarray(0, 256)
        .toString('latin1')
        .match(/^#!\S*python/)
    )
      continue
    const end = content.indexOf('\n')
    await writeFile(file, Buffer.concat([Buffer.from('#!/usr/bin/env python3'), content.subarray(end)]))
  }
}

/** Django's files, where its settings say into which folder. */
async function collectStatic(context: BuildContext): Promise<void> {
  if (!(await isFile(context.dir, 'manage.py')) || context.env.DISABLE_COLLECTSTATIC === '1') return
  let wanted = false
  for await (const name of glob(['*/settings.py', '*/settings/*.py', '*/*/settings.py'], { cwd: context.dir })) {
    wanted ||= /^\s*STATIC_ROOT\s*=/m.test((await readText(context.dir, name)) ?? '')
  }
  if (!wanted) return
  context.log.step('Collecting static files (manage.py collectstatic)')
  await runTool(context, {
    command: 'python3',
    args: ['manage.py', 'collectstatic', '--noinput'],
    env: { PYTHONPATH: path.join(context.dir, PACKAGES) },
    title: 'python manage.py collectstatic',
    what: 'Collecting the static files',
    action:
      'Mark the config vars that the settings read for the build, or set DISABLE_COLLECTSTATIC=1 for it, and push again.',
  })
}
