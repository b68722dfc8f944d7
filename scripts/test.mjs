// `npm test`: prepares the clone, checks the code, builds the console, then runs unit and integration tests, container images and browser tests.
// `npm test -- unit images`: only those lanes.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { check } from './check.mjs'
import { buildConsole, prepare } from './lib/prepare.mjs'
import { fail, root } from './lib/steps.mjs'

const LANES = ['check', 'unit', 'cluster', 'images', 'e2e']

const asked = process.argv.slice(2)
const unknown = asked.filter((lane) => !LANES.includes(lane))
if (unknown.length > 0) fail(`there is no lane ${unknown.join(', ')}. There are: ${LANES.join(', ')}`)
const wanted = (lane) => asked.length === 0 || asked.includes(lane)

const tools = await prepare('test').catch((error) => fail(error.message))

/** Where the runners write which tests passed only when they were run again. */
const flakyDir = mkdtempSync(path.join(tmpdir(), 'slipway-flaky-'))
const flakyList = path.join(flakyDir, 'list')
writeFileSync(flakyList, '')
process.on('exit', () => {
  process.stdout.write(readFileSync(flakyList, 'utf8'))
  rmSync(flakyDir, { recursive: true })
})

/** Runs one test runner with its output shown; resolves to whether it passed. */
const runner = (script, args) =>
  new Promise((resolve) => {
    const child = spawn(tools.node, [path.join(root, 'node_modules', script), ...args], {
      cwd: root,
      env: { ...tools.env, SLIPWAY_FLAKY_LIST: flakyList },
      stdio: 'inherit',
    })
    child.on('error', (error) => fail(error.message))
    child.on('exit', (code) => resolve(code === 0))
  })

const vitest = (...projects) => runner('vitest/vitest.mjs', ['run', ...projects.flatMap((name) => ['--project', name])])

/** The lanes `unit` and `cluster` share the workers of one run: the end of one fills the waits of the other. */
const UNIT_PROJECTS = {
  unit: ['!images', '!local-cluster', '!recordings'],
  cluster: ['local-cluster', 'recordings'],
  both: ['!images'],
}

if (wanted('check')) {
  console.log('Checks')
  if (!(await check(tools))) fail('the checks above failed')
}
if (wanted('unit') || wanted('cluster')) {
  const lane = wanted('unit') && wanted('cluster') ? 'both' : wanted('unit') ? 'unit' : 'cluster'
  if (!(await vitest(...UNIT_PROJECTS[lane]))) fail('the tests above failed')
}
if (wanted('images') && !(await vitest('images'))) fail('the tests of the images above failed')
if (wanted('e2e')) {
  await buildConsole(tools).catch((error) => fail(error.message))
  if (!(await runner('@playwright/test/cli.js', ['test', '--config', 'e2e/playwright.config.ts'])))
    fail('the browser tests above failed')
}
