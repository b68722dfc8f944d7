import type { Row } from '../row.ts'
import { startBare, startCluster } from './processes.ts'
import { benchRequests } from './requests.ts'
import { benchWatches } from './watches.ts'

/** The local cluster alone: requests, watches and the memory that its objects take, each beside a bare Node server. */
export async function benchCluster(note: (text: string) => void): Promise<Row[]> {
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
      // Place of the rows for 5,000 simulated pods (time until all are ready, memory): not measured yet.
      return [...requests, ...watches, memory]
    } finally {
      await bare.stop()
    }
  } finally {
    await cluster.stop()
  }
}
