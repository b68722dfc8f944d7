import { BuildFailure } from '../failure.ts'
import { isFile, readText } from '../files.ts'
import type { BuildContext, Language } from '../plan.ts'
import { run } from '../run.ts'

const PACKAGES = '.slipway/python'
const ENTRY_FILES = ['main.py', 'app.py', 'server.py']

/** Apps with requirements.txt or pyproject.toml, on the machine's own Python. */
export const pythonLanguage: Language = {
  name: 'Python',
  detect: async (dir) => (await isFile(dir, 'requirements.txt')) || (await isFile(dir, 'pyproject.toml')),
  async build(context) {
    await checkPython(context)
    await install(context)
    const entry = await firstFile(context.dir, ENTRY_FILES)
    return {
      processes: entry === null ? null : [{ name: 'web', kind: 'web', command: ['python3', entry] }],
      missing: `A Python app needs a Procfile that says how it starts (or one of ${ENTRY_FILES.join(', ')}).`,
      // Relative to the working directory, which is where the processes start.
      env: { PYTHONPATH: PACKAGES, PYTHONUNBUFFERED: '1', PATH: `/app/${PACKAGES}/bin` },
      dependencyDirs: ['.slipway'],
    }
  },
}

async function checkPython(context: BuildContext): Promise<void> {
  context.log.step('Using the Python of this machine')
  const code = await run('python3', ['--version'], { ...context, cwd: context.dir }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 127
    throw error
  })
  if (code === 0) return
  throw new BuildFailure('This machine has no Python.', 'Install python3 with pip where Slipway runs, and push again.')
}

async function install(context: BuildContext): Promise<void> {
  const requirements = await readText(context.dir, 'requirements.txt')
  const wanted = (requirements ?? '').split('\n').some((line) => line.trim() !== '' && !line.trim().startsWith('#'))
  const isProject =
    requirements === null &&
    /^\s*\[(project|build-system)\]/m.test((await readText(context.dir, 'pyproject.toml')) ?? '')
  if (!wanted && !isProject) {
    context.log.line('No dependencies to install')
    return
  }
  context.log.step('Installing dependencies (pip)')
  const what = isProject ? ['.'] : ['-r', 'requirements.txt']
  const args = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--target', PACKAGES, ...what]
  const env = { ...context.env, PIP_CACHE_DIR: `${context.cacheDir}/pip`, PIP_ROOT_USER_ACTION: 'ignore' }
  const code = await run('python3', args, { ...context, cwd: context.dir, env })
  if (code === 0) return
  throw new BuildFailure(
    `Installing the dependencies failed: pip install ended with code ${code}.`,
    'Read the lines above it; the same command on your machine shows it too.',
  )
}

async function firstFile(dir: string, names: readonly string[]): Promise<string | null> {
  for (const name of names) if (await isFile(dir, name)) return name
  return null
}
