import type { Row } from '../row.ts'
import { benchPods } from './pods.ts'
import { startBare, startCluster } from './processes.ts'
import { benchRequests } from './requests.ts'
import { benchWatches } from './watches.ts'

/** The local cluster alone: requests and watches, each beside a bare Node server, and what it takes to have thousands of pods. */
export async function benchCluster(note: (text: string) => void): Promise<Row[]> {
  return [...(await benchApi(note)), ...(await benchPods(note))]
}

async function benchApi(note: (text: string) => void): Promise<Row[]> {
  const cluster = await startCluster()
  try {
    const bare = await startBare()
    try {
      const watches = await benchWatches(cluster, bare, note)
      const requests = await benchRequests(cluster, bare, note)
      const memory: Row = {
        what: 'local cluster, resident memory after this',
        unit: 'MiB',
        samples: [cluster.memoryMiB()],
        baseline: 'the bare Node HTTP server',
        baselineSamples: [bare.memoryMiB()],
      }
      return [...requests, ...watches, memory]
    } finally {
      await bare.stop()
    }
  } finally {
    await cluster.stop()
  }
}
