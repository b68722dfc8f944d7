// `npm run bench [-- <part> …]`: prepares the clone, then measures it. Parts: start, push, live, memory, attack, home, cluster.
// `npm run bench -- push --kubeconfig <file>` measures pushes on that cluster; it needs the settings of `npm run e2e:cluster`.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { buildConsole, prepare } from './lib/prepare.mjs'
import { fail, root } from './lib/steps.mjs'

const tools = await prepare('test').catch((error) => fail(error.message))
await buildConsole(tools).catch((error) => fail(error.message))

const parts = process.argv.slice(2)
const option = parts.indexOf('--kubeconfig')
const [, kubeconfig] = option < 0 ? [] : parts.splice(option, 2)
if (option >= 0 && kubeconfig === undefined) fail('--kubeconfig needs the path of a file')
const target = kubeconfig ? { KUBECONFIG: path.resolve(kubeconfig), SLIPWAY_E2E_TARGET: 'cluster' } : {}

const flags = ['--disable-warning=ExperimentalWarning']
const bench = spawn(tools.node, [...flags, 'infra/bench/main.ts', ...parts], {
  cwd: root,
  env: { ...tools.env, ...target },
  stdio: 'inherit',
})
bench.on('error', (error) => fail(error.message))
bench.on('exit', (code) => process.exit(code ?? 1))
