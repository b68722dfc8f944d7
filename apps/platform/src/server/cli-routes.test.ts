import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { executablePath } from '../env.ts'
import { addCliRoutes } from './cli-routes.ts'

const run = promisify(execFile)
let server: FastifyInstance
let url: string
let home: string

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'slipway-cli-home-'))
  server = Fastify()
  // Its address is known only once it listens; routes come before that.
  const addresses = { current: '' }
  addCliRoutes(server, () => addresses.current)
  url = await server.listen({ host: '127.0.0.1', port: 0 })
  addresses.current = url
})
afterAll(async () => {
  await server?.close()
  await rm(home, { recursive: true, force: true })
})

test('the command line is installed from the installation itself, twice over, and runs with Node alone', async () => {
  const env = {
    NODE_ENV: 'test' as const,
    PATH: executablePath,
    HOME: home,
    SLIPWAY_CLI_DIR: join(home, 'it’s lib'),
    SLIPWAY_BIN_DIR: join(home, 'bin'),
  }
  for (let round = 0; round < 2; round++) {
    const { stdout } = await run('sh', ['-c', `curl -fsSL ${url}/cli | sh`], { env })
    expect(stdout).toMatch(/^Installed slipway \d+\.\d+\.\d+ in /)
    expect(stdout).toContain(`Sign in with:  slipway login --url ${url}`)
  }
  const help = await run(join(home, 'bin/slipway'), ['apps', '--help'], { env })
  expect(help.stdout).toContain('Usage: slipway apps')
})
