// `npm run bench [-- <part> …]`: prepares the clone, then measures it. Parts: start, push, live, memory, cluster.
import { spawn } from 'node:child_process'
import { buildConsole, prepare } from './lib/prepare.mjs'
import { fail, root } from './lib/steps.mjs'

const tools = await prepare('test').catch((error) => fail(error.message))
await buildConsole(tools).catch((error) => fail(error.message))

const flags = ['--disable-warning=ExperimentalWarning']
const bench = spawn(tools.node, [...flags, 'infra/bench/main.ts', ...process.argv.slice(2)], {
  cwd: root,
  env: tools.env,
  stdio: 'inherit',
})
bench.on('error', (error) => fail(error.message))
bench.on('exit', (code) => process.exit(code ?? 1))
