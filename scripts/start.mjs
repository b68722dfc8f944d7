// `npm start`: prepares the clone, then hands over to the launcher.
import { spawn } from 'node:child_process'
import { PARTS_CACHE, prepare } from './lib/prepare.mjs'
import { fail, root } from './lib/steps.mjs'

const tools = await prepare('start').catch((error) => fail(error.message))

// The terminal sends Ctrl-C to the whole group; the launcher stops everything in order, and this process waits for it.
const launcher = spawn(tools.node, ['--max-semi-space-size=1', 'apps/launcher/src/main.ts', '--build-console'], {
  cwd: root,
  env: { ...tools.env, NODE_COMPILE_CACHE: PARTS_CACHE },
  stdio: 'inherit',
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) launcher.kill(signal)
  })
}
launcher.on('error', (error) => fail(error.message))
launcher.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1))
