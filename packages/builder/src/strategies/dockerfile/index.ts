import { readFile, realpath } from 'node:fs/promises'
import path from 'node:path'
import { WEB_PORT } from '@slipway/domain'
import { BuildFailure } from '../../failure.ts'
import { isFile, readText } from '../../files.ts'
import type { ImageConfig } from '../../image/config.ts'
import { inspectImage } from '../../image/inspect.ts'
import { labelsOf } from '../../image/labels.ts'
import { startsIn } from '../../process-file.ts'
import { parseProcfile } from '../../procfile.ts'
import type { StrategyContext, StrategyResult } from '../strategy.ts'
import { buildWithBuildah } from './buildah.ts'
import { buildWithBuildkit } from './buildkit.ts'
import { chooseEngine, type DockerfileBuild, type Engine, type EngineName } from './engine.ts'
import { parseDockerfile } from './parse.ts'

const ENGINES: Record<EngineName, Engine> = { buildkit: buildWithBuildkit, buildah: buildWithBuildah }
/** Where an app is expected to listen; PORT says it too. */
const DEFAULT_PORT = String(WEB_PORT)

/**
 * Builds the app's Dockerfile and pushes the image. Config vars are secrets that a RUN may mount, never arguments: those stay
 * in the image's history.
 * @throws BuildFailure that names the instruction and its line
 */
export async function buildDockerfile(context: StrategyContext): Promise<StrategyResult> {
  const engine = await chooseEngine(context.env)
  const build = await prepare(context)
  context.log.step(`Building ${build.shownName}`)
  warnOfArguments(build)
  const digest = await ENGINES[engine](build)
  const config = await inspectImage(context.target, context.target.repository, digest)
  warnOfPorts(build, config)
  const procfile = await readText(build.contextDir, 'Procfile')
  if (procfile !== null) return { digest, processes: parseProcfile(procfile) }
  const told = startsIn(context.processesFile, null)
  if (told !== null) return { digest, processes: told }
  if (!config.config?.Entrypoint?.length && !config.config?.Cmd?.length) {
    throw new BuildFailure(
      `${build.shownName} says nothing about how the app starts: it has neither ENTRYPOINT nor CMD, and there is no Procfile.`,
      'Add a line such as CMD ["node", "server.js"], and push again.',
    )
  }
  return { digest, processes: [{ name: 'web', kind: 'web', command: null }] }
}

async function prepare(context: StrategyContext): Promise<DockerfileBuild> {
  const { settings, sourceDir, facts } = context
  const contextDir = path.join(sourceDir, settings.rootDirectory)
  const shownName = path.posix.join(settings.rootDirectory, settings.dockerfile)
  const wanted = path.join(contextDir, settings.dockerfile)
  const real = (await isFile(contextDir, settings.dockerfile)) ? await realpath(wanted) : null
  if (real === null || !real.startsWith((await realpath(sourceDir)) + path.sep)) {
    throw new BuildFailure(
      `There is no ${shownName} in the repository.`,
      'Add it, or set the path of the Dockerfile below the root directory.',
    )
  }
  const parsed = parseDockerfile(await readFile(real, 'utf8'))
  const known = Object.entries(facts).filter(([name]) => parsed.args.includes(name))
  const labels = Object.fromEntries(
    Object.entries(labelsOf(context.identity, null)).filter(([key]) => !/^dev\.slipway\.(base|runtime)$/.test(key)),
  )
  const buildArgs = { ...Object.fromEntries(known), ...settings.buildArgs }
  return { ...context, contextDir, dockerfile: wanted, shownName, parsed, buildArgs, labels }
}

/** An ARG of a config var's name is most often meant to have its value. */
function warnOfArguments({ parsed, vars, buildArgs, log, shownName }: DockerfileBuild): void {
  for (const name of Object.keys(vars)) {
    if (!parsed.args.includes(name) || name in buildArgs) continue
    log.warning(
      `${shownName} has ARG ${name}. The config var ${name} is a build secret, not an argument: use RUN --mount=type=secret,id=${name},env=${name}, or set a build argument if everybody may read it.`,
    )
  }
}

function warnOfPorts({ log, shownName }: DockerfileBuild, { config }: ImageConfig): void {
  const exposed = Object.keys(config?.ExposedPorts ?? {}).map((port) => port.replace(/\/tcp$/, ''))
  const own = config?.Env?.find((entry) => entry.startsWith('PORT='))?.slice('PORT='.length)
  if (exposed.length === 0 || exposed.includes(DEFAULT_PORT)) return
  log.warning(
    `${shownName} exposes port ${exposed.join(', ')}${own ? ` and sets PORT=${own}` : ''}. The app is given PORT=${DEFAULT_PORT} and has to listen there.`,
  )
}
