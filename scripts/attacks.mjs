// `npm run attacks [-- --write]`: attacks an installation in every way that the tests know, kills its parts, and prints the scoreboard.
import { spawn } from 'node:child_process'
import { buildConsole, prepare } from './lib/prepare.mjs'
import { fail, root } from './lib/steps.mjs'

const tools = await prepare('test').catch((error) => fail(error.message))
await buildConsole(tools).catch((error) => fail(error.message))

const args = ['--disable-warning=ExperimentalWarning', 'infra/attacks/main.ts', ...process.argv.slice(2)]
const attacks = spawn(tools.node, args, { cwd: root, env: tools.env, stdio: 'inherit' })
attacks.on('error', (error) => fail(error.message))
attacks.on('exit', (code) => process.exit(code ?? 1))
