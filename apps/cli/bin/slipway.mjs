#!/usr/bin/env node
// Runs on any Node from 20.19: the command line itself is TypeScript, which newer ones run as it is. Plain JavaScript, Node's own modules only.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const TYPESCRIPT_NODE = [22, 19]
const here = path.dirname(fileURLToPath(import.meta.url))
const main = path.resolve(here, '../src/main.ts')

const atLeast = (version, [major, minor]) => {
  const [haveMajor, haveMinor] = version.replace(/^v/, '').split('.').map(Number)
  return haveMajor > major || (haveMajor === major && haveMinor >= minor)
}

/** The Node that npm installed with Slipway, or null where it is missing or too old. */
function packagedNode() {
  const candidate = path.resolve(here, '../../../node_modules/node/bin/node')
  const version = existsSync(candidate) ? spawnSync(candidate, ['--version'], { encoding: 'utf8' }).stdout?.trim() : ''
  return version && atLeast(version, TYPESCRIPT_NODE) ? candidate : null
}

/** Runs the command on another Node, as if it were this process: same terminal, signals, exit code. */
function runOn(node) {
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', main, ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(`slipway: ${node} cannot be run: ${error.message}`)
    process.exit(1)
  })
  child.on('close', (code, signal) => process.exit(signal ? 128 + (constants.signals[signal] ?? 0) : (code ?? 1)))
}

if (atLeast(process.version, TYPESCRIPT_NODE)) {
  // Some versions warn that running TypeScript is experimental; on those it is what we rely on.
  const print = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    if (warning.name !== 'ExperimentalWarning') for (const listener of print) listener(warning)
  })
  const { start } = await import('../src/main.ts')
  await start()
} else {
  const node = packagedNode()
  if (node) runOn(node)
  else {
    console.error(
      `slipway: Node ${TYPESCRIPT_NODE.join('.')} or newer is needed, and this is ${process.version}. Install one, or run "npm install" in Slipway's repository, which brings one along.`,
    )
    process.exit(1)
  }
}
