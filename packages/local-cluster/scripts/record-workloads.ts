/**
 * Plays the workload scenarios on a real cluster and writes down what they came to:
 * `node packages/local-cluster/scripts/record-workloads.ts URL TOKEN DIRECTORY [NAME…]`. It needs a node `node-x` that nobody runs pods on.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Ask } from '../src/testing/workloads/playing-kubelet.ts'
import { play } from '../src/testing/workloads/scenario.ts'
import { scenarios } from '../src/testing/workloads/scenarios.ts'

const [url = '', token = '', directory = '', ...names] = process.argv.slice(2)
/** So long nothing changes when all has come to rest. */
const QUIET_MS = 4_000
const AT_ONCE = 6
const run = Date.now().toString(36)

const ask: Ask = async (method, path, body, contentType = 'application/json') => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': contentType }
  const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) }
  const response = await fetch(url + path, init)
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return JSON.parse(text)
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function atRest(look: () => Promise<unknown>): Promise<unknown> {
  let [last, since] = [await look(), Date.now()]
  while (Date.now() - since < QUIET_MS) {
    await sleep(400)
    const now = await look()
    if (!isDeepStrictEqual(now, last)) [last, since] = [now, Date.now()]
  }
  return last
}

mkdirSync(directory, { recursive: true })
const waiting = scenarios.filter(({ name }) => names.length === 0 || names.some((each) => name.startsWith(each)))
async function record(): Promise<void> {
  for (let scenario = waiting.shift(); scenario !== undefined; scenario = waiting.shift()) {
    const states: Record<string, unknown> = {}
    try {
      await play(ask, `wl-${scenario.name}-${run}`, scenario, async ({ rest, afterSeconds = 0 }, look) => {
        await sleep(afterSeconds * 1000)
        states[rest] = await atRest(look)
      })
      writeFileSync(join(directory, `${scenario.name}.json`), `${JSON.stringify(states, null, 1)}\n`)
      process.stdout.write(`${scenario.name}\n`)
    } catch (error) {
      process.stdout.write(`${scenario.name}: ${String(error)}\n`)
      process.exitCode = 1
    }
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, record))
