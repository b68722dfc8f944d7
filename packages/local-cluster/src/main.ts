import { pino } from 'pino'
import { type ClusterLog, startLocalCluster } from './cluster.ts'
import { readEnv } from './env.ts'

/** Message of a request that nobody granted. */
const REFUSED = 'A request was refused'

/** How long a stop may take before the process ends anyway; pods that still run then are adopted by the next start. */
const stopTimeoutMs = 40_000

async function main(): Promise<void> {
  const env = readEnv()
  const logger = pino({ level: env.logLevel, base: { part: 'local-cluster' } })
  const log: ClusterLog = {
    info: (message, details) => logger.info(details ?? {}, message),
    warn: (message, details) => logger.warn(details ?? {}, message),
    error: (message, details) => logger.error(details ?? {}, message),
  }
  const { logLevel: _, ...options } = env
  const cluster = await startLocalCluster({
    ...options,
    log,
    onDecision: ({ allowed, ...decision }) => {
      if (!allowed) log.warn(REFUSED, decision)
    },
  })
  log.info('The local cluster is up', {
    api: cluster.apiUrl,
    ingress: cluster.ingressUrl,
    kubeconfig: cluster.kubeconfigPath,
  })

  let stopping = false
  const stop = (why: string) => {
    if (stopping) return
    stopping = true
    log.info('The local cluster stops', { why })
    setTimeout(() => process.exit(1), stopTimeoutMs).unref()
    cluster.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error('The local cluster did not stop cleanly', { error: String(error) })
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT'))
  // The launcher is gone, in whatever way: nothing would stop this process otherwise.
  process.on('disconnect', () => stop('the launcher ended'))
  process.send?.({ type: 'ready', apiUrl: cluster.apiUrl, ingressUrl: cluster.ingressUrl })
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
