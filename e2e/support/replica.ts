import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { freePort } from '../../apps/launcher/src/ports.ts'
import { type Installation, ROOT, until } from './installation.ts'

/** Starts another platform process on the database and the cluster of an installation: its API and its reconcilers. */
export async function startReplica(installation: Installation): Promise<{ url: string; stop(): Promise<void> }> {
  const environment = Object.fromEntries(
    readFileSync(`/proc/${installation.pidOf('Platform')}/environ`, 'utf8')
      .split('\0')
      .filter((entry) => /^\w+=/.test(entry) && !entry.startsWith('NODE_CHANNEL_'))
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  )
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child: ChildProcess = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', path.join(ROOT, 'apps/platform/src/main.ts')],
    {
      cwd: ROOT,
      env: {
        NODE_ENV: 'production',
        ...environment,
        SLIPWAY_LISTEN_PORT: String(port),
        SLIPWAY_ROLES: 'web,reconcile',
        SLIPWAY_GIT_URL: `http://127.0.0.1:${environment.SLIPWAY_LISTEN_PORT}`,
      },
      stdio: 'ignore',
    },
  )
  await until('the replica to serve', async () => (await fetch(`${url}/readyz`)).ok)
  return {
    url,
    async stop() {
      if (child.exitCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
    },
  }
}
