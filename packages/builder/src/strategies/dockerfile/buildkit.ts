import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { BuildFailure } from '../../failure.ts'
import { run } from '../../run.ts'
import { type DockerfileBuild, followProgress, type Line } from './engine.ts'
import { dockerfileFailure } from './failed.ts'

const STARTS_WITHIN_MS = 30_000
const POLL_MS = 100
const metadataSchema = z.object({ 'containerimage.digest': z.string().regex(/^sha256:[a-f0-9]{64}$/) })

/** `#7 [stage 2/4] RUN npm ci` */
const STEP = /^#(\d+) (\[(?!internal\b|auth\b)[^\]]+\] .*)$/
const OUTPUT = /^#(\d+) (?:\d+\.\d+ )(.*)$/
const CACHED = /^#(\d+) CACHED$/
const PLACE = /^(\S+):(\d+)$/
const EXIT = /did not complete successfully: exit code: (\d+)/

/**
 * Builds with BuildKit in this container: a daemon for this one build, with the registry as its cache.
 * Reference: https://github.com/moby/buildkit#output, https://github.com/moby/buildkit/blob/master/docs/rootless.md
 */
export async function buildWithBuildkit(build: DockerfileBuild): Promise<string> {
  const address = `unix://${path.join(build.scratchDir, 'buildkitd.sock')}`
  const daemon = await startDaemon(build, address)
  try {
    return await buildctl(build, address)
  } finally {
    await stopDaemon(daemon)
  }
}

/** Settings that work for root inside a user namespace: no network of its own, and overlayfs on a volume. */
async function startDaemon(build: DockerfileBuild, address: string): Promise<ChildProcess> {
  const { scratchDir, cacheDir, target, env, signal } = build
  const url = new URL(target.origin)
  const config = [
    '[worker.oci]',
    'snapshotter = "overlayfs"',
    'networkMode = "host"',
    `[registry."${url.host}"]`,
    ...(url.protocol === 'http:' ? ['http = true'] : []),
    ...(env.NODE_EXTRA_CA_CERTS ? [`ca = [${JSON.stringify(env.NODE_EXTRA_CA_CERTS)}]`] : []),
  ]
  const file = path.join(scratchDir, 'buildkitd.toml')
  await writeFile(file, `${config.join('\n')}\n`)
  const root = path.join(cacheDir, 'buildkit')
  await mkdir(root, { recursive: true })
  const own: Record<string, string> = { ...env, HOME: scratchDir }
  const daemon = spawn('buildkitd', ['--root', root, '--addr', address, '--config', file], {
    env: own as NodeJS.ProcessEnv,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const said: string[] = []
  daemon.stderr?.on('data', (chunk) => said.push(String(chunk)) > 50 && said.shift())
  const failed = new Promise<never>((_, reject) => daemon.once('error', reject))
  const deadline = Date.now() + STARTS_WITHIN_MS
  const isUp = () =>
    run('buildctl', ['--addr', address, 'debug', 'workers'], { cwd: scratchDir, env, signal, log: SILENT })
  while ((await Promise.race([isUp(), failed])) !== 0) {
    if (daemon.exitCode !== null || Date.now() > deadline) {
      daemon.kill('SIGKILL')
      throw new BuildFailure(
        `BuildKit does not start: ${said.join('').trim().split('\n').at(-1) ?? 'it gives no reason'}.`,
        'Ask your operator to allow user namespaces (hostUsers: false) and overlayfs on the nodes.',
      )
    }
    await sleep(POLL_MS, undefined, { signal })
  }
  return daemon
}

const SILENT = { step: () => undefined, line: () => undefined, warning: () => undefined }

async function stopDaemon(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return
  const exit = new Promise((resolve) => daemon.once('exit', resolve))
  daemon.kill('SIGTERM')
  const patience = setTimeout(() => daemon.kill('SIGKILL'), 5_000)
  await exit
  clearTimeout(patience)
}

/** Arguments of buildctl for a build. Pure. */
export function buildctlArguments(build: DockerfileBuild, address: string, metadataFile: string): string[] {
  const { target, settings, varsDir, vars } = build
  const repository = `${new URL(target.origin).host}/${target.repository}`
  const options = {
    filename: path.basename(build.dockerfile),
    ...(settings.dockerfileTarget === null ? {} : { target: settings.dockerfileTarget }),
    ...prefixed('build-arg:', build.buildArgs),
    ...prefixed('label:', build.labels),
  }
  const cache = `type=registry,ref=${repository}:buildcache`
  return [
    ...['--addr', address, 'build', '--frontend', 'dockerfile.v0', '--progress', 'plain'],
    ...['--local', `context=${build.contextDir}`, '--local', `dockerfile=${path.dirname(build.dockerfile)}`],
    ...Object.entries(options).flatMap(([key, value]) => ['--opt', `${key}=${value}`]),
    ...(varsDir === null
      ? []
      : Object.keys(vars).flatMap((name) => ['--secret', `id=${name},src=${path.join(varsDir, name)}`])),
    ...['--output', `type=image,name=${repository}:${target.tag},push=true,oci-mediatypes=true`],
    ...['--export-cache', `${cache},mode=max,image-manifest=true,oci-mediatypes=true,ignore-error=true`],
    ...['--import-cache', cache, '--metadata-file', metadataFile],
  ]
}

const prefixed = (prefix: string, values: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [`${prefix}${key}`, value]))

async function buildctl(build: DockerfileBuild, address: string): Promise<string> {
  const { env, scratchDir, dockerConfig, signal, contextDir: cwd } = build
  const metadataFile = path.join(scratchDir, 'metadata.json')
  const progress = followProgress(build.log, readLine)
  const own = { HOME: scratchDir, ...(dockerConfig === null ? {} : { DOCKER_CONFIG: dockerConfig }) }
  const args = buildctlArguments(build, address, metadataFile)
  const code = await run('buildctl', args, { cwd, env: { ...env, ...own }, signal, log: progress.log })
  if (code !== 0) throw failureOf(build, progress.tail(), progress.current())
  const metadata = metadataSchema.safeParse(JSON.parse(await readFile(metadataFile, 'utf8')))
  if (!metadata.success) throw new Error('BuildKit ended well without naming the digest of the image')
  return metadata.data['containerimage.digest']
}

function failureOf(
  build: DockerfileBuild,
  tail: readonly string[],
  step: { instruction: string; tail: string[] } | null,
) {
  const said = tail.findLast((line) => /^error:/i.test(line)) ?? tail.at(-1) ?? ''
  const exit = EXIT.exec(said)?.[1]
  const place = tail.map((line) => PLACE.exec(line)).findLast((match) => match !== null)
  const line = place ? Number(place[2]) : null
  const at = build.parsed.instructions.findLast((each) => line !== null && each.line <= line)
  return dockerfileFailure(build, {
    step: at === undefined ? null : { instruction: at.text, tail: step?.tail ?? [] },
    line,
    code: exit === undefined ? null : Number(exit),
    said: said.replace(/^error: (failed to solve: )?/i, ''),
  })
}

const EXPORT = /^#(\d+) exporting to image$/

function readLine(line: string): Line {
  const [, step, title = ''] = STEP.exec(line) ?? []
  if (step !== undefined) return { is: 'step', title, instruction: title.replace(/^\[[^\]]+\] /, ''), key: step }
  const exporting = EXPORT.exec(line)?.[1]
  if (exporting !== undefined)
    return { is: 'step', title: 'Pushing the image', instruction: 'pushing the image', key: exporting }
  const [, from, text = ''] = OUTPUT.exec(line) ?? []
  if (from !== undefined) return { is: 'output', text, key: from }
  const cached = CACHED.exec(line)?.[1]
  if (cached !== undefined) return { is: 'output', text: 'unchanged', key: cached }
  return /^#\d+ /.test(line) ? { is: 'noise' } : { is: 'summary', text: line }
}
