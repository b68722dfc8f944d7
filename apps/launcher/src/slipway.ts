import path from 'node:path'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@slipway/db/embedded'
import { z } from 'zod'
import { buildConsole, type ConsoleBuild } from './console-build.ts'
import { type Edge, listenEdge } from './edge.ts'
import type { LauncherEnv } from './env.ts'
import { type InternalListener, listenInternal } from './internal.ts'
import { type Part, type PartDefinition, startPart } from './part.ts'
import { consolePart, localClusterPart, localKubeconfig, platformPart } from './parts.ts'
import { choosePorts } from './ports.ts'
import type { Reporter } from './report.ts'
import { loadSecrets } from './secrets.ts'
import { lockStateDir, openStateDir, writePrivate } from './state.ts'

const READY_TIMEOUT_MS = 120_000
const MESSAGE_TIMEOUT_MS = 5_000

/** What the platform says when it listens. */
const readySchema = z.object({ setupUrl: z.string().nullable() })

/** A running installation. */
export interface Slipway {
  /** Stops the parts in the reverse order of their dependencies. */
  stop(): Promise<void>
}

export interface StartOptions {
  /** Builds the console's pages first where their sources have changed. */
  buildsConsole?: boolean
}

/**
 * Starts all parts, in parallel where they allow it, and prints the address when the pages can be used.
 * Resolves to null when `interrupted` came first; everything started is stopped again then, as it is on an error.
 */
export async function startSlipway(
  env: LauncherEnv,
  reporter: Reporter,
  interrupted: Promise<unknown>,
  options: StartOptions = {},
): Promise<Slipway | null> {
  openStateDir(env.stateDir)
  const lock = lockStateDir(env.stateDir)
  const running = new RunningParts(env, reporter)
  try {
    const starting = startParts(env, reporter, running, options).then(() => true)
    starting.catch(() => false) // The race below reports it; after an interrupt it no longer matters.
    const started = await Promise.race([starting, interrupted.then(() => false)])
    if (!started) {
      await running.stop()
      lock.release()
      return null
    }
  } catch (error) {
    await running.stop()
    lock.release()
    throw error
  }
  reporter.line('')
  reporter.line(readyLine(env.url, await running.setupUrl()))
  reporter.line(`State and logs are in ${env.stateDir}. Press Ctrl-C to stop.`)
  return {
    async stop() {
      await running.stop()
      lock.release()
    },
  }
}

/** The address to open: of the setup page with its code, until there is an account. */
function readyLine(url: string, setupUrl: string | null): string {
  return setupUrl === null ? `Slipway is ready: ${url}` : `Slipway is ready. Create the first account at ${setupUrl}`
}

async function startParts(
  env: LauncherEnv,
  reporter: Reporter,
  running: RunningParts,
  options: StartOptions,
): Promise<void> {
  reporter.line('Starting Slipway')
  const ports = await choosePorts(env.stateDir)
  const secrets = loadSecrets(env)
  running.edge = await listenEdge({
    port: env.port,
    url: env.url,
    platformPort: ports.platform,
    ingressPort: env.kubeconfig === null ? ports.ingress : null,
    behindProxy: env.behindProxy,
  })
  if (env.internal !== null) {
    running.internal = await listenInternal(env.internal, ports.platform)
    reporter.line(`  · Pods reach the platform at ${env.platform.SLIPWAY_INTERNAL_URL}`)
  }
  const database = async () => {
    if (env.databaseUrl !== null) {
      reporter.line('  · Postgres: the one of DATABASE_URL')
      return env.databaseUrl
    }
    const postgres = await reporter.step('Postgres', () =>
      startEmbeddedPostgres({
        dir: path.join(env.stateDir, 'postgres'),
        onCrash: (reason) => reporter.line(`  ! ${reason}`),
        onRestart: () => running.writePids(),
      }),
    )
    running.postgres = postgres
    return postgres.url
  }
  const cluster = async () => {
    if (env.kubeconfig === null) await running.start(localClusterPart({ env, ports, secrets }))
    else reporter.line(`  · Kubernetes: the cluster of ${env.kubeconfig}`)
    return env.kubeconfig ?? localKubeconfig(env)
  }
  const pages = (async () => {
    if (options.buildsConsole) await running.build()
    await running.start(consolePart({ env, ports, secrets }))
  })()
  const [databaseUrl, kubeconfig] = await allOrFirstError([database(), cluster()])
  await allOrFirstError([pages, running.start(platformPart({ env, ports, secrets, databaseUrl, kubeconfig }))])
}

/** Promise.all that leaves no rejection unhandled. */
async function allOrFirstError<const T extends readonly Promise<unknown>[]>(
  promises: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  for (const promise of promises) promise.catch(() => undefined)
  return Promise.all(promises)
}

/** What has been started, in order, and the file that names their process ids. */
class RunningParts {
  edge: Edge | undefined
  internal: InternalListener | undefined
  postgres: EmbeddedPostgres | undefined
  #build: ConsoleBuild | undefined
  readonly #parts: Part[] = []
  readonly #env: LauncherEnv
  readonly #reporter: Reporter
  #stopping = false

  constructor(env: LauncherEnv, reporter: Reporter) {
    this.#env = env
    this.#reporter = reporter
  }

  /** Builds the console's pages. */
  async build(): Promise<void> {
    if (this.#stopping) return
    this.#build = buildConsole()
    await this.#build.done
  }

  /** Starts a part and waits until it answers. */
  async start(definition: PartDefinition): Promise<void> {
    if (this.#stopping) return
    const part = startPart(definition, {
      onStart: () => this.writePids(),
      onRestart: (why, delayMs) =>
        this.#reporter.line(
          `  ! ${definition.name} ${why}; starting it again${delayMs === 0 ? '' : ` in ${(delayMs / 1000).toFixed(1)} s`}`,
        ),
    })
    this.#parts.push(part)
    this.writePids()
    await this.#reporter.step(definition.name, () => part.ready(READY_TIMEOUT_MS))
  }

  /** The page that makes the first account, as the platform names it; null when there is one. */
  async setupUrl(): Promise<string | null> {
    const platform = this.#parts.find((part) => part.name === 'Platform')
    return readySchema.safeParse(await platform?.message(MESSAGE_TIMEOUT_MS)).data?.setupUrl ?? null
  }

  /** `<state>/parts.json` tells operators (and tests) which process is which. */
  writePids(): void {
    const pids = Object.fromEntries(this.#parts.map((part) => [part.name, part.pid]))
    const all = { Launcher: process.pid, Postgres: this.postgres?.stats().pid, ...pids }
    try {
      writePrivate(path.join(this.#env.stateDir, 'parts.json'), `${JSON.stringify(all)}\n`)
    } catch (error) {
      // On a full disk the parts matter more than the file that names them.
      this.#reporter.line(`  ! parts.json was not written: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  /** The platform first, so that nothing writes while the cluster and Postgres go. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#build?.stop()
    const named = (name: string) => this.#parts.find((part) => part.name === name)
    await Promise.all([this.edge?.close(), this.internal?.close()])
    await Promise.all([named('Console')?.stop(), named('Platform')?.stop()])
    await named('Local cluster')?.stop()
    await this.postgres?.stop()
  }
}
