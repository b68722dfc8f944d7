import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startEmbeddedPostgres } from '@slipway/db/embedded'
import { startInstallation } from '../../e2e/support/installation.ts'
import { leftover } from './leftovers.ts'
import { run } from './programs.ts'
import type { Row } from './row.ts'

const RUNS = 3

/**
 * Start to usable page, on a state directory that is new and on one that is not. Usable: the first page and every script and style
 * sheet that it names have been answered. Dependencies are installed and the console is built, as after any `npm start` before.
 */
export async function benchStart(note: (text: string) => void): Promise<Row[]> {
  const samples = {
    first: [] as number[],
    second: [] as number[],
    firstBase: [] as number[],
    secondBase: [] as number[],
  }
  for (let index = 1; index <= RUNS; index += 1) {
    note(`start ${index} of ${RUNS}`)
    const dir = await mkdtemp(path.join(tmpdir(), 'slipway-bench-'))
    const remove = leftover(() => rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }))
    try {
      samples.firstBase.push(await bareStart(path.join(dir, 'baseline')))
      samples.secondBase.push(await bareStart(path.join(dir, 'baseline')))
      samples.first.push(await wholeStart(path.join(dir, 'state')))
      samples.second.push(await wholeStart(path.join(dir, 'state')))
    } finally {
      await remove()
    }
  }
  return [
    {
      what: 'start → usable page, first time',
      unit: 'ms',
      samples: samples.first,
      baseline: 'bare `node -e 0`, then initdb and start of the embedded Postgres',
      baselineSamples: samples.firstBase,
    },
    {
      what: 'start → usable page, second time',
      unit: 'ms',
      samples: samples.second,
      baseline: 'bare `node -e 0`, then start of the embedded Postgres',
      baselineSamples: samples.secondBase,
    },
  ]
}

async function bareStart(dir: string): Promise<number> {
  const startedAt = performance.now()
  await run(process.execPath, ['-e', '0'])
  const postgres = await startEmbeddedPostgres({ dir })
  const tookMs = performance.now() - startedAt
  await leftover(() => postgres.stop())()
  return tookMs
}

async function wholeStart(stateDir: string): Promise<number> {
  const startedAt = performance.now()
  const installation = await startInstallation({ stateDir })
  const stop = leftover(async () => void (await installation.stop()))
  try {
    await loadPage(installation.url)
    return performance.now() - startedAt
  } finally {
    await stop()
  }
}

/** Loads a page as a browser does that knows nothing yet. @throws Error where any of it is not answered with 200. */
async function loadPage(url: string): Promise<void> {
  const page = await answer(url)
  const named = [...page.matchAll(/(?:src|href)="(\/_next\/static\/[^"]+)"/g)].map((match) => match[1] ?? '')
  if (named.length === 0) throw new Error(`${url} names no scripts: it is not the console's page`)
  await Promise.all([...new Set(named)].map((file) => answer(new URL(file.replaceAll('&amp;', '&'), url).href)))
}

async function answer(url: string): Promise<string> {
  const response = await fetch(url, { headers: { accept: 'text/html' } })
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}`)
  return text
}
