import { availableParallelism, cpus, loadavg } from 'node:os'
import { IS_CLUSTER } from '../../e2e/support/target.ts'
import { benchAttack } from './attack.ts'
import { benchCluster } from './cluster/bench.ts'
import { benchClusterPush } from './cluster-push.ts'
import { benchCrowd } from './crowd.ts'
import { type Deployed, deployOnce } from './deployed.ts'
import { benchHome } from './home.ts'
import { removeLeftovers } from './leftovers.ts'
import { benchLive } from './live.ts'
import { benchMemory } from './memory.ts'
import { benchPush } from './push.ts'
import { type Row, table } from './row.ts'
import { benchScale } from './scale.ts'
import { benchStart } from './start.ts'

type Note = (text: string) => void

/** Parts that bring what they need, and parts that share one installation with an app on it; a part may have both. */
const ALONE: Record<string, (note: Note) => Promise<Row[]>> = {
  start: benchStart,
  home: benchHome,
  cluster: benchCluster,
  scale: benchScale,
  live: benchCrowd,
}
const DEPLOYED: Record<string, (deployed: Deployed, note: Note) => Promise<Row[]>> = {
  push: benchPush,
  live: benchLive,
  memory: benchMemory,
  attack: benchAttack,
}
/** With --kubeconfig, on the cluster that it names. */
const ON_CLUSTER: Record<string, (note: Note) => Promise<Row[]>> = { push: benchClusterPush }
const PARTS = ['start', 'push', 'live', 'memory', 'attack', 'home', 'scale', 'cluster'] as const

/** `npm run bench [-- <part> …]`: measures, prints the table, leaves nothing behind. */
async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !PARTS.some((part) => part === name))
  if (unknown.length > 0) throw new Error(`there is no part ${unknown.join(', ')}. Parts: ${PARTS.join(', ')}.`)
  const wanted = PARTS.filter((part) => names.length === 0 || names.includes(part))
  if (IS_CLUSTER && wanted.some((part) => ON_CLUSTER[part] === undefined)) {
    throw new Error(`with --kubeconfig only these parts run: ${Object.keys(ON_CLUSTER).join(', ')}.`)
  }
  const startedAt = Date.now()
  const note: Note = (text) => process.stderr.write(`  … ${text}\n`)
  const rows: Row[] = []
  let deployed: Deployed | undefined
  try {
    for (const part of wanted) {
      const alone = IS_CLUSTER ? ON_CLUSTER[part] : ALONE[part]
      const onInstallation = IS_CLUSTER ? undefined : DEPLOYED[part]
      if (alone) rows.push(...(await alone(note)))
      if (onInstallation) {
        note('an installation with one app')
        deployed ??= await deployOnce()
        rows.push(...(await onInstallation(deployed, note)))
      }
    }
  } finally {
    await deployed?.remove()
  }
  const [load = 0] = loadavg()
  const tookS = Math.round((Date.now() - startedAt) / 1000)
  console.log(`\n${table(rows)}\n`)
  console.log(
    `Node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model ?? process.arch}, load ${load.toFixed(1)}, ${tookS} s.`,
  )
  console.log(
    'Medians. A ratio compares with the baseline measured in the same run; figures of two machines do not compare.',
  )
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void removeLeftovers().finally(() => process.exit(130)))
}
main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`slipway: the benchmark failed: ${error instanceof Error ? error.stack : String(error)}\n`)
  process.exit(1)
})
