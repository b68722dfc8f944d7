import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { freePort } from '../apps/launcher/src/ports.ts'
import { ADMIN, apiWith, createShop, fetchApp, tokenFor, untilHealthy } from './support/api.ts'
import { createRepository, withToken } from './support/git.ts'
import { type Installation, ROOT, startInstallation, until } from './support/installation.ts'

/** What docs/operating.md says can be lost without loss. */
const CAN_BE_LOST = [
  'cluster/objects',
  'cluster/images',
  'cluster-token',
  'session-secret',
  'platform/git',
  'ports.json',
]

test('a copy of the state directory is a whole installation, elsewhere and without what can be made again', async () => {
  const repository = await createRepository(path.join(ROOT, 'examples/static'))
  const running: Installation[] = []
  try {
    const original = await startInstallation({
      env: { SLIPWAY_ADMIN_EMAIL: ADMIN.email, SLIPWAY_ADMIN_PASSWORD: ADMIN.password },
    })
    running.push(original)
    const token = await tokenFor(original.url)
    const api = apiWith(original.url, token)
    const ref = { ...(await createShop(api)), app: 'web' }
    const { gitUrl } = await api.app.create.mutate({ ...ref, source: { kind: 'git' } })
    expect((await repository.push(withToken(gitUrl, token))).code).toBe(0)
    await untilHealthy(api, ref, 1)
    await api.config.update.mutate({ ...ref, set: { SECRET: 'kept' }, unset: [] })
    await untilHealthy(api, ref, 2)
    await original.stop()

    const stateDir = `${original.stateDir}-restored`
    // With owners, as the page says: as root, Postgres' files belong to another user.
    execFileSync('cp', ['-a', original.stateDir, stateDir])
    await original.remove()
    for (const lost of CAN_BE_LOST) rmSync(path.join(stateDir, lost), { recursive: true })
    const restored = await startInstallation({ stateDir, port: await freePort() })
    running.push(restored)

    const again = apiWith(restored.url, token)
    expect((await untilHealthy(again, ref, 2)).recentReleases.map(({ number }) => number)).toEqual([2, 1])
    expect(await again.config.reveal.query({ ...ref, key: 'SECRET' })).toEqual({ value: 'kept' })
    const address = `http://web.shop-production.localhost:${restored.port}/`
    // What was healthy when it was written down is started again first.
    await until('the app to answer', async () => (await fetchApp(address)).body.includes('A static site on Slipway'))
    repository.write({ 'index.html': '<h1>Pushed after the restore</h1>' })
    await repository.commit('After the restore')
    expect((await repository.push(withToken((await again.app.get.query(ref)).gitUrl, token))).code).toBe(0)
    await untilHealthy(again, ref, 3)
    await until('the new version', async () => (await fetchApp(address)).body.includes('Pushed after the restore'))
  } finally {
    for (const installation of running) await installation.remove()
    repository.remove()
  }
})
