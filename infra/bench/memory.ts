import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Deployed } from './deployed.ts'
import { end, residentMiB, residentMiBOfTree } from './programs.ts'
import type { Row } from './row.ts'

const RUNS = 5
const EVERY_MS = 1_000
const BASELINE = 'idle `node -e "setInterval(…)"`'

/** Resident memory of every part of an installation that runs one app, some seconds after the last work. */
export async function benchMemory(deployed: Deployed, note: (text: string) => void): Promise<Row[]> {
  const idle = spawn(process.execPath, ['-e', 'setInterval(() => process.stdout.write("."), 200)'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  try {
    await once(idle.stdout, 'data')
    const { installation } = deployed
    const parts = ['Launcher', 'Platform', 'Console', 'Local cluster'].map((part) => ({
      what: `resident memory: ${part}`,
      read: () => residentMiB(installation.pidOf(part)),
    }))
    const all = [
      ...parts,
      {
        what: 'resident memory: Postgres, all its processes',
        read: () => residentMiBOfTree(installation.pidOf('Postgres')),
      },
    ]
    const samples = all.map(() => [] as number[])
    const baselineSamples: number[] = []
    note('memory')
    for (let index = 0; index < RUNS; index += 1) {
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
      for (const [part, { read }] of all.entries()) samples[part]?.push(read())
      baselineSamples.push(residentMiB(idle.pid ?? 0))
    }
    return all.map(({ what }, part) => ({
      what,
      unit: 'MiB',
      samples: samples[part] ?? [],
      baseline: BASELINE,
      baselineSamples,
    }))
  } finally {
    await end(idle)
  }
}
