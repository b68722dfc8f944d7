import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pipfileLines, poetryLines } from './requirements.ts'
import { findPythonStart } from './start.ts'

let top: string
beforeAll(async () => {
  top = await mkdtemp(path.join(tmpdir(), 'python-start-'))
})
afterAll(() => rm(top, { recursive: true, force: true }))

let count = 0
async function start(files: Record<string, string>, packages: string[]) {
  const dir = path.join(top, String(++count))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(dir, name)), { recursive: true })
    await writeFile(path.join(dir, name), content)
  }
  return (await findPythonStart(dir, Object.keys(files), (name) => packages.includes(name)))?.command.at(-1) ?? null
}

describe('how a Python app starts', () => {
  const django = { 'manage.py': '', 'shop/wsgi.py': '', 'shop/asgi.py': '' }
  const flask = { 'app.py': 'import os\nfrom flask import Flask\napp = Flask(__name__)\n' }
  it.each<[string, Record<string, string>, string[], string | null]>([
    ['Django with gunicorn', django, ['gunicorn'], 'gunicorn --bind 0.0.0.0:$PORT shop.wsgi'],
    ['Django with uvicorn', django, ['uvicorn'], 'uvicorn --host 0.0.0.0 --port $PORT shop.asgi:application'],
    ['Django alone', django, [], 'python3 manage.py runserver --noreload 0.0.0.0:$PORT'],
    [
      'FastAPI',
      { 'app/main.py': 'import fastapi\n\napi = fastapi.FastAPI(title="x")\n' },
      ['uvicorn'],
      'uvicorn --host 0.0.0.0 --port $PORT app.main:api',
    ],
    ['Flask with gunicorn', flask, ['gunicorn'], 'gunicorn --bind 0.0.0.0:$PORT app:app'],
    ['Flask alone', flask, [], 'python3 -m flask --app app:app run --host 0.0.0.0 --port $PORT'],
    [
      'Flask that starts itself',
      { 'app.py': `${flask['app.py']}if __name__ == "__main__":\n  app.run(port=os.environ["PORT"])` },
      [],
      'app.py',
    ],
    [
      'Streamlit',
      { 'app.py': 'import streamlit as st' },
      ['streamlit'],
      'streamlit run app.py --server.address 0.0.0.0 --server.port $PORT --server.headless true',
    ],
    ['a script', { 'main.py': 'print(1)' }, [], 'main.py'],
    ['nothing', { 'tool.py': '' }, [], null],
  ])('%s', async (_what, files, packages, expected) => {
    expect(await start(files, packages)).toBe(expected)
  })
})

describe('lockfiles of other tools', () => {
  it('reads poetry.lock without packages for development', () => {
    const lock = `[[package]]
name = "flask"
version = "3.0.0"
optional = false
groups = ["main"]

[package.dependencies]
click = ">=8"

[[package]]
name = "colorama"
version = "0.4.6"
optional = false
groups = ["main"]
markers = "platform_system == \\"Windows\\""

[[package]]
name = "pytest"
version = "8.0.0"
optional = false
groups = ["dev"]
`
    expect(poetryLines(lock)).toEqual(['flask==3.0.0', 'colorama==0.4.6 ; platform_system == "Windows"'])
  })

  it('reads Pipfile.lock', () => {
    const lock = {
      default: {
        flask: { version: '==3.0.0', extras: ['async'] },
        tool: { git: 'https://git.example.com/tool.git', ref: 'abc' },
      },
      develop: { pytest: { version: '==8' } },
    }
    expect(pipfileLines(JSON.stringify(lock))).toEqual([
      'flask[async]==3.0.0',
      'tool @ git+https://git.example.com/tool.git@abc',
    ])
  })
})
