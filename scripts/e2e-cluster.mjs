// `npm run e2e:cluster`: the journey of e2e/ against the cluster of KUBECONFIG and the registry of SLIPWAY_REGISTRY.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { buildConsole, prepare } from './lib/prepare.mjs'
import { fail, root } from './lib/steps.mjs'

const NEEDED = {
  KUBECONFIG: 'path of a kubeconfig',
  SLIPWAY_REGISTRY: 'prefix of built images, such as registry.example.com/slipway',
  SLIPWAY_BUILDER_IMAGE: 'image of build pods, such as registry.example.com/slipway/builder-{language}:0.1.0',
  SLIPWAY_INTERNAL_URL: 'address at which pods reach this machine, such as http://10.0.0.5:3900',
}
const missing = Object.entries(NEEDED).filter(([name]) => !process.env[name])
if (missing.length > 0)
  fail(`these are not set:\n${missing.map(([name, meaning]) => `  ${name}: ${meaning}`).join('\n')}`)

const tools = await prepare('test').catch((error) => fail(error.message))
await buildConsole(tools).catch((error) => fail(error.message))
const args = ['test', '--config', 'e2e/playwright.config.ts', 'journey.spec.ts', ...process.argv.slice(2)]
const suite = spawn(tools.node, [path.join(root, 'node_modules/@playwright/test/cli.js'), ...args], {
  cwd: root,
  env: { ...tools.env, SLIPWAY_E2E_TARGET: 'cluster' },
  stdio: 'inherit',
})
suite.on('error', (error) => fail(error.message))
suite.on('exit', (code) => process.exit(code ?? 1))
