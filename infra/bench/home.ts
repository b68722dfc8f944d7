import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openDatabase } from '@slipway/db'
import { startEmbeddedPostgres } from '@slipway/db/embedded'
import { TEST_SECRET_KEY } from '@slipway/db/testing'
import { ADMIN, apiWith, createShop, tokenFor } from '../../e2e/support/api.ts'
import { startInstallation } from '../../e2e/support/installation.ts'
import { openBrowser } from './browser.ts'
import { leftover } from './leftovers.ts'
import { quantile, type Row } from './row.ts'

const APPS = 300
const RELEASES = 20
const CALLS = 60
const PAGES = 10

/** The list of 300 apps with a history: the call that every page makes, and the page that begins with it. */
export async function benchHome(note: (text: string) => void): Promise<Row[]> {
  const dir = await mkdtemp(path.join(tmpdir(), 'slipway-bench-'))
  const removeDir = leftover(() => rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }))
  const postgres = await startEmbeddedPostgres({ dir })
  const stopPostgres = leftover(() => postgres.stop())
  const account = { SLIPWAY_ADMIN_EMAIL: ADMIN.email, SLIPWAY_ADMIN_PASSWORD: ADMIN.password }
  const installation = await startInstallation({ env: { ...account, DATABASE_URL: postgres.url } })
  const removeInstallation = leftover(() => installation.remove())
  try {
    const api = apiWith(installation.url, await tokenFor(installation.url))
    await createShop(api)
    const lonely = { ...(await createShop(api, 'lonely')), app: 'only' }
    await api.app.create.mutate({ ...lonely, source: { kind: 'git' } })
    note(`${APPS} apps with ${RELEASES} releases and builds each`)
    await seed(postgres.url)
    note(`the list, ${CALLS} times`)
    const samples = { list: [] as number[], one: [] as number[] }
    for (let call = 0; call < CALLS; call++) {
      samples.list.push(await timed(() => api.app.list.query({})))
      samples.one.push(await timed(() => api.app.list.query({ team: 'lonely' })))
    }
    return [...listRows(samples), ...(await pageRows(installation.url, note))]
  } finally {
    await removeInstallation()
    await stopPostgres()
    await removeDir()
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

function listRows({ list, one }: { list: number[]; one: number[] }): Row[] {
  const p95 = (samples: number[]) => [quantile(samples, 0.95)]
  const baseline = 'the same call for one app'
  return [
    { what: `app.list of ${APPS} apps`, unit: 'ms', samples: list, baseline, baselineSamples: one },
    { what: `p95 of app.list of ${APPS} apps`, unit: 'ms', samples: p95(list), baseline, baselineSamples: p95(one) },
  ]
}

/** Until the whole HTML has come, and with it every row: nothing waits for a script. */
async function pageRows(url: string, note: (text: string) => void): Promise<Row[]> {
  const browser = await openBrowser(url)
  if (browser === null) {
    note('no Chromium here: the page is not measured')
    return []
  }
  try {
    const { page } = await browser.open(`${url}/settings`)
    const fetchPage = async (at: string) => {
      const text = await (await page.request.get(`${url}${at}`)).text()
      return text.split('data-app-link').length - 1
    }
    if ((await fetchPage('/')) < APPS) throw new Error('the HTML of the home page does not hold the rows')
    note(`the page, ${PAGES} times`)
    const samples = { home: [] as number[], settings: [] as number[] }
    for (let index = 0; index < PAGES; index++) {
      samples.home.push(await timed(() => fetchPage('/')))
      samples.settings.push(await timed(() => fetchPage('/settings')))
    }
    const what = `HTML of the home page with ${APPS} rows`
    const baseline = 'HTML of the account page'
    return [{ what, unit: 'ms', samples: samples.home, baseline, baselineSamples: samples.settings }]
  } finally {
    await browser.close()
  }
}

/** Rows as pushes leave them. Nobody is notified: the cluster is no part of what is measured. */
async function seed(url: string): Promise<void> {
  const db = openDatabase(url, { secretKey: TEST_SECRET_KEY })
  try {
    await db.pool.query(
      `INSERT INTO apps (id, "environmentId", slug, "sourceKind", "hostPrefix", "releaseCount", "buildCount")
        SELECT gen_random_uuid(), e.id, 'app-' || n, 'git', 'bench-' || n, $2, $2
        FROM environments e JOIN projects p ON p.id = e."projectId" JOIN teams t ON t.id = p."teamId",
          generate_series(1, $1) n WHERE t.slug = 'acme'`,
      [APPS, RELEASES],
    )
    await db.pool.query(
      `INSERT INTO builds (id, "appId", number, status, trigger, commit, branch, message, by)
        SELECT gen_random_uuid(), a.id, n, 'succeeded', 'push', repeat('a', 40), 'main', 'Change a thing', 'Ada'
        FROM apps a, generate_series(1, $1) n WHERE a."hostPrefix" LIKE 'bench-%'`,
      [RELEASES],
    )
    await db.pool.query(
      `INSERT INTO releases (id, "appId", number, kind, status, description, by, image, processes, "configCiphertext", "configChanges", "liveAt")
        SELECT gen_random_uuid(), a.id, n, 'build', 'superseded', 'Deploy 1a2b3c4 from main', 'Ada', 'shop',
          '[{"name":"web","kind":"web","command":["/bin/sh","-c","node server.js"]}]', repeat('x', 2000), '[]', now()
        FROM apps a, generate_series(1, $1) n WHERE a."hostPrefix" LIKE 'bench-%'`,
      [RELEASES],
    )
    await db.pool.query(
      `INSERT INTO app_processes ("appId", name, instances, "cpuMillis", "memoryMiB")
        SELECT id, 'web', 0, 100, 128 FROM apps WHERE "hostPrefix" LIKE 'bench-%'`,
    )
    await db.pool.query(`UPDATE apps SET "currentReleaseNumber" = $1 WHERE "hostPrefix" LIKE 'bench-%'`, [RELEASES])
    await db.pool.query('ANALYZE')
  } finally {
    await db.close()
  }
}
