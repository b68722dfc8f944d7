// `npm test`: prepares the clone, checks the code, builds the console, then runs unit and integration tests, container images and browser tests.
// `npm test -- unit images`: only those parts.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { check } from './check.mjs'
import { buildConsole, prepare } from './lib/prepare.mjs'
import { fail, root } from './lib/steps.mjs'

const tools = await prepare('test').catch((error) => fail(error.message))

/** Runs one test runner with its output shown; resolves to whether it passed. */
const runner = (script, args) =>
  new Promise((resolve) => {
    const child = spawn(tools.node, [path.join(root, 'node_modules', script), ...args], {
      cwd: root,
      env: tools.env,
      stdio: 'inherit',
    })
    child.on('error', (error) => fail(error.message))
    child.on('exit', (code) => resolve(code === 0))
  })

const parts = process.argv.slice(2)
const wanted = (part) => parts.length === 0 || parts.includes(part)

console.log('Checks')
if (wanted('check') && !(await check(tools))) fail('the checks above failed')
if (wanted('unit') && !(await runner('vitest/vitest.mjs', ['run', '--project', '!images'])))
  fail('the tests above failed')
if (wanted('images') && !(await runner('vitest/vitest.mjs', ['run', '--project', 'images'])))
  fail('the tests of the images above failed')
if (wanted('e2e')) {
  await buildConsole(tools).catch((error) => fail(error.message))
  if (!(await runner('@playwright/test/cli.js', ['test', '--config', 'e2e/playwright.config.ts'])))
    fail('the browser tests above failed')
}
