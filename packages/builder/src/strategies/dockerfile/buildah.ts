import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import path from 'node:path'
import { BuildFailure } from '../../failure.ts'
import { isFile, readText } from '../../files.ts'
import { run } from '../../run.ts'
import { findProgram } from '../../tool.ts'
import { sizeOf } from '../../tree.ts'
import { type DockerfileBuild, followProgress, type Line } from './engine.ts'
import { dockerfileFailure } from './failed.ts'

/** Layers beyond this are dropped after the build, and the next one begins without a cache. */
const MAX_STORE_BYTES = 10 * 1024 ** 3
const CLEANUP_MS = 20_000
const STEP = /^(?:\[(\d+)\/\d+\] )?STEP (\d+)\/(\d+): (.*)$/
/** Digests of layers, which mean something to buildah alone. */
const NOISE =
  /^(-->|COMMIT\b|Successfully tagged|Getting image source signatures|Copying (blob|config)|Writing manifest|Storing signatures|Trying to pull|[a-f0-9]{64}$|\[\d+\/\d+\] COMMIT)/
const FAILED = /^(?:Error: |error )?(?:error )?building at STEP ".*?": (.*)$/i
const EXIT = /exit status (\d+)/

/**
 * Builds with buildah, for the local cluster: as root with overlayfs, RUN with the machine's network.
 * Reference: https://github.com/containers/buildah/blob/main/docs/buildah-build.1.md
 */
export async function buildWithBuildah(build: DockerfileBuild): Promise<string> {
  await requireUserIds()
  const store = path.join(build.cacheDir, 'containers')
  const globals = await globalArguments(build, store)
  const name = `${new URL(build.target.origin).host}/${build.target.repository}:${build.target.tag}`
  // Of a build that was killed.
  await removeContainers(build, globals)
  try {
    await bud(build, globals, name)
    return await push(build, globals, name)
  } finally {
    await removeContainers(build, globals)
    if ((await sizeOf(store)) > MAX_STORE_BYTES) await rm(store, { recursive: true, force: true })
  }
}

/** Containers in which RUN was running, with their mounts: only a build that ends by itself removes them. */
async function removeContainers(build: DockerfileBuild, globals: readonly string[]): Promise<void> {
  const log = { step: () => undefined, line: () => undefined, warning: () => undefined }
  const signal = AbortSignal.timeout(CLEANUP_MS)
  await run('buildah', [...globals, 'rm', '--all'], { cwd: build.scratchDir, env: environmentOf(build), signal, log })
}

/**
 * An ordinary user's RUN has to be several users.
 * @throws BuildFailure that says how to allow it
 */
async function requireUserIds(): Promise<void> {
  if (process.getuid?.() === 0) return
  const { username, uid } = userInfo()
  const lines = ((await readText('/etc', 'subuid')) ?? '').split('\n')
  if (lines.some((line) => line.startsWith(`${username}:`) || line.startsWith(`${uid}:`))) return
  throw new BuildFailure(
    `buildah cannot build Dockerfiles as the user ${username}, who has no subordinate user ids.`,
    `Ask your operator to install uidmap and run usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${username}.`,
  )
}

/** Where it keeps things, and how it finds registries: nothing of the machine's own configuration. */
async function globalArguments(build: DockerfileBuild, store: string): Promise<string[]> {
  const { scratchDir, target } = build
  await mkdir(store, { recursive: true })
  const url = new URL(target.origin)
  const registries = [
    'unqualified-search-registries = ["docker.io"]',
    'short-name-mode = "permissive"',
    '[[registry]]',
    `prefix = "${target.prefixHost}"`,
    `location = "${url.host}"`,
    `insecure = ${url.protocol === 'http:'}`,
    ...(target.prefixHost === url.host
      ? []
      : [
          '[[registry]]',
          `prefix = "${url.host}"`,
          `location = "${url.host}"`,
          `insecure = ${url.protocol === 'http:'}`,
        ]),
  ]
  await writeFile(path.join(scratchDir, 'registries.conf'), `${registries.join('\n')}\n`)
  await writeFile(path.join(scratchDir, 'policy.json'), '{"default":[{"type":"insecureAcceptAnything"}]}')
  return [
    ...['--root', store, '--runroot', path.join(scratchDir, 'run')],
    ...['--storage-driver', process.getuid?.() === 0 ? 'overlay' : 'vfs'],
    ...['--registries-conf', path.join(scratchDir, 'registries.conf')],
  ]
}

function environmentOf({ env, cacheDir, dockerConfig }: DockerfileBuild): Record<string, string> {
  const auth: Record<string, string> =
    dockerConfig === null ? {} : { REGISTRY_AUTH_FILE: path.join(dockerConfig, 'config.json') }
  return { ...env, HOME: path.join(cacheDir, 'home'), BUILDAH_ISOLATION: 'chroot', ...auth }
}

/** RUN in a container where a runtime can make one. A chroot, the other way, shares the machine's processes. */
async function isolationOf({ env }: DockerfileBuild): Promise<string[]> {
  const runtime = process.getuid?.() === 0 ? await findProgram(env, 'runc') : null
  return runtime === null ? ['--isolation', 'chroot'] : ['--isolation', 'oci', '--runtime', runtime]
}

async function bud(build: DockerfileBuild, globals: readonly string[], name: string): Promise<void> {
  const progress = followProgress(build.log, readLine)
  const ignoreFile = `${build.dockerfile}.dockerignore`
  const hasOwnIgnore = await isFile(path.dirname(ignoreFile), path.basename(ignoreFile))
  const args = [
    ...globals,
    ...['bud', '--layers', '--format', 'oci', '--network', 'host', '--timestamp', '0'],
    ...(await isolationOf(build)),
    ...['--signature-policy', path.join(build.scratchDir, 'policy.json'), '--file', build.dockerfile, '--tag', name],
    ...(hasOwnIgnore ? ['--ignorefile', ignoreFile] : []),
    ...(build.settings.dockerfileTarget === null ? [] : ['--target', build.settings.dockerfileTarget]),
    ...Object.entries(build.buildArgs).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]),
    ...Object.entries(build.labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]),
    ...secretsOf(build),
    build.contextDir,
  ]
  const { contextDir: cwd, signal } = build
  const code = await run('buildah', args, { cwd, env: environmentOf(build), signal, log: progress.log })
  if (code === 0) return
  const said = progress.tail().findLast((line) => /^error/i.test(line)) ?? progress.tail().at(-1) ?? `code ${code}`
  const why = FAILED.exec(said)?.[1]
  const exit = EXIT.exec(why ?? '')?.[1]
  const step = progress.current()
  throw dockerfileFailure(build, {
    step: step && { ...step, tail: step.tail.filter((line) => line !== said) },
    line: null,
    code: exit === undefined ? null : Number(exit),
    said: why ?? said.replace(/^error:?\s*/i, ''),
  })
}

const secretsOf = ({ vars, varsDir }: DockerfileBuild) =>
  varsDir === null
    ? []
    : Object.keys(vars).flatMap((name) => ['--secret', `id=${name},src=${path.join(varsDir, name)}`])

async function push(build: DockerfileBuild, globals: readonly string[], name: string): Promise<string> {
  const { scratchDir, signal } = build
  build.log.step('Pushing the image')
  const digestFile = path.join(scratchDir, 'digest')
  const progress = followProgress(build.log, readLine)
  const args = [...globals, 'push', '--signature-policy', path.join(scratchDir, 'policy.json')]
  const code = await run('buildah', [...args, '--digestfile', digestFile, name, `docker://${name}`], {
    cwd: scratchDir,
    env: environmentOf(build),
    signal,
    log: progress.log,
  })
  if (code === 0) return (await readFile(digestFile, 'utf8')).trim()
  throw new BuildFailure(
    `The image could not be pushed to ${new URL(build.target.origin).host}: ${(progress.tail().at(-1) ?? `code ${code}`).replace(/^error:?\s*/i, '')}.`,
    'Push again; if it fails again, ask your operator to check the registry.',
  )
}

/** Steps of several stages come one after the other. */
function readLine(line: string): Line {
  const [, stage, step = '', steps = '', instruction = ''] = STEP.exec(line) ?? []
  const key = 'current'
  if (instruction !== '') {
    const at = stage === undefined ? `${step}/${steps}` : `stage ${stage}, ${step}/${steps}`
    return { is: 'step', title: `[${at}] ${instruction}`, instruction, key }
  }
  if (line.startsWith('--> Using cache')) return { is: 'output', text: 'unchanged', key }
  return NOISE.test(line) ? { is: 'noise' } : { is: 'output', text: line, key }
}
