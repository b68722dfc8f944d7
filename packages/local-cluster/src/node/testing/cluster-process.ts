import { startTestCluster } from './cluster.ts'

/** Runs the cluster as a process of its own, to be killed: `cluster-process.ts DIR`. Says `up` when it runs. */
await startTestCluster({ dir: process.argv[2] ?? '' })
process.stdout.write('up\n')
// The watches and servers of the cluster do not all keep a process alive.
setInterval(() => undefined, 60_000)
