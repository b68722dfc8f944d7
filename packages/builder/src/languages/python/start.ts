import { isFile, readText } from '../../files.ts'
import { shell } from '../../procfile.ts'

/** How a Python app starts without a Procfile. */
export interface PythonStart {
  command: string[]
  /** For the log. */
  title: string
}

const ENTRY_FILES = ['main.py', 'app.py', 'server.py', 'wsgi.py', 'application.py', 'run.py', 'bot.py', '__main__.py']
const FOLDERS = ['', 'app/', 'src/', 'api/', 'src/app/', 'backend/']
const MODULES = ['main', 'app', 'asgi', 'wsgi', 'server', 'application', '__init__']
const HOST = '--host 0.0.0.0 --port $PORT'

/**
 * Finds out how an app starts, as a person would who looks at its files. Null: it does not.
 * @param files names of all files below the app's root
 * @param has whether the app depends on a package
 */
export async function findPythonStart(
  dir: string,
  files: readonly string[],
  has: (name: string) => boolean,
): Promise<PythonStart | null> {
  if (await isFile(dir, 'manage.py')) return django(files, has)
  const found = await findApplication(dir)
  if (found !== null) return served(found, has)
  for (const file of ENTRY_FILES) {
    const text = await readText(dir, file)
    if (text === null) continue
    if (has('streamlit') && /\bstreamlit\b/.test(text)) {
      const line = `streamlit run ${file} --server.address 0.0.0.0 --server.port $PORT --server.headless true`
      return { command: shell(line), title: 'Streamlit' }
    }
    return { command: ['python3', file], title: file }
  }
  return null
}

function django(files: readonly string[], has: (name: string) => boolean): PythonStart {
  const moduleOf = (name: string) =>
    files
      .find((file) => file.split('/').length === 2 && file.endsWith(`/${name}.py`))
      ?.replace(/\.py$/, '')
      .replaceAll('/', '.')
  const [wsgi, asgi] = [moduleOf('wsgi'), moduleOf('asgi')]
  if (wsgi !== undefined && has('gunicorn'))
    return { command: shell(`gunicorn --bind 0.0.0.0:$PORT ${wsgi}`), title: 'Django with gunicorn' }
  if (asgi !== undefined && has('uvicorn'))
    return { command: shell(`uvicorn ${HOST} ${asgi}:application`), title: 'Django with uvicorn' }
  if (asgi !== undefined && has('daphne'))
    return { command: shell(`daphne -b 0.0.0.0 -p $PORT ${asgi}:application`), title: 'Django with daphne' }
  return {
    command: shell('python3 manage.py runserver --noreload 0.0.0.0:$PORT'),
    title: "Django's development server",
  }
}

interface Application {
  module: string
  name: string
  kind: 'asgi' | 'flask'
  file: string
  /** The file reads PORT and starts a server itself. */
  startsItself: boolean
}

async function findApplication(dir: string): Promise<Application | null> {
  for (const folder of FOLDERS) {
    for (const module of MODULES) {
      const file = `${folder}${module}.py`
      const text = await readText(dir, file)
      const [, name, kind] =
        /^(\w+)\s*(?::\s*\w+\s*)?=\s*(?:\w+\.)?(FastAPI|Starlette|Litestar|Quart|Sanic|Flask|APIFlask)\(/m.exec(
          text ?? '',
        ) ?? []
      if (text === null || name === undefined) continue
      return {
        module: file.replace(/(\/__init__)?\.py$/, '').replaceAll('/', '.'),
        name,
        kind: /Flask/.test(kind ?? '') ? 'flask' : 'asgi',
        file,
        startsItself: /__main__/.test(text) && /\bPORT\b/.test(text),
      }
    }
  }
  return null
}

function served(
  { module, name, kind, file, startsItself }: Application,
  has: (name: string) => boolean,
): PythonStart | null {
  if (kind === 'flask' && has('gunicorn'))
    return { command: shell(`gunicorn --bind 0.0.0.0:$PORT ${module}:${name}`), title: 'Flask with gunicorn' }
  if (kind === 'flask' && has('waitress'))
    return { command: shell(`waitress-serve --listen=0.0.0.0:$PORT ${module}:${name}`), title: 'Flask with waitress' }
  if (kind === 'asgi' && (has('uvicorn') || has('fastapi[standard]') || has('fastapi[all]')))
    return { command: shell(`uvicorn ${HOST} ${module}:${name}`), title: 'uvicorn' }
  if (kind === 'asgi' && has('hypercorn'))
    return { command: shell(`hypercorn --bind 0.0.0.0:$PORT ${module}:${name}`), title: 'hypercorn' }
  if (startsItself || kind === 'asgi') return { command: ['python3', file], title: file }
  return { command: shell(`python3 -m flask --app ${module}:${name} run ${HOST}`), title: "Flask's development server" }
}
