import { createHash } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { BuildFailure } from './failure.ts'
import { IMAGE_UID, type Layer } from './pack.ts'

/** What an image's configuration says. Reference: https://github.com/opencontainers/image-spec/blob/main/config.md */
export interface ImageSettings {
  env: Record<string, string>
  workingDir: string
  command: string[]
  labels: Record<string, string>
}

const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json'
const ARCHITECTURES: Record<string, string> = { x64: 'amd64', arm64: 'arm64' }

/** A registry that answered something else than it should. */
class PushError extends Error {
  override name = 'PushError'
}

/**
 * Pushes an image to an OCI registry; blobs that are there already are not sent again. Answers the manifest's digest.
 * Reference: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#push
 */
export async function pushImage(
  registryUrl: string,
  repository: string,
  layers: readonly Layer[],
  settings: ImageSettings,
  signal: AbortSignal,
): Promise<string> {
  const config = Buffer.from(JSON.stringify(configOf(layers, settings)))
  const configDigest = digestOf(config)
  for (const layer of layers) {
    await pushBlob(registryUrl, repository, layer.digest, () => openAsBlob(layer.file), signal)
  }
  await pushBlob(registryUrl, repository, configDigest, async () => new Blob([config]), signal)
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: configDigest, size: config.length },
      layers: layers.map((layer) => ({
        mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
        digest: layer.digest,
        size: layer.sizeBytes,
      })),
    }),
  )
  const digest = digestOf(manifest)
  const response = await fetch(`${registryUrl}/v2/${repository}/manifests/${digest}`, {
    method: 'PUT',
    headers: { 'content-type': MANIFEST_TYPE },
    body: new Uint8Array(manifest),
    signal,
  })
  await expectStatus(response, 201, 'the manifest')
  return digest
}

function configOf(layers: readonly Layer[], { env, workingDir, command, labels }: ImageSettings) {
  return {
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    os: 'linux',
    config: {
      User: `${IMAGE_UID}:${IMAGE_UID}`,
      Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      WorkingDir: workingDir,
      Cmd: command,
      Labels: labels,
    },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
  }
}

async function pushBlob(
  registryUrl: string,
  repository: string,
  digest: string,
  content: () => Promise<Blob>,
  signal: AbortSignal,
): Promise<void> {
  const present = await fetch(`${registryUrl}/v2/${repository}/blobs/${digest}`, { method: 'HEAD', signal })
  if (present.status === 200) return
  const started = await fetch(`${registryUrl}/v2/${repository}/blobs/uploads/`, { method: 'POST', signal })
  await expectStatus(started, 202, 'an upload')
  const target = new URL(started.headers.get('location') ?? '', registryUrl)
  target.searchParams.set('digest', digest)
  const done = await fetch(target, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream' },
    body: await content(),
    signal,
  })
  if (done.status === 413) {
    throw new BuildFailure(
      'A layer of the image is larger than the registry takes.',
      'Remove large files from the app.',
    )
  }
  await expectStatus(done, 201, `blob ${digest}`)
}

async function expectStatus(response: Response, status: number, what: string): Promise<void> {
  const body = await response.text()
  if (response.status !== status) {
    throw new PushError(`the registry answered ${response.status} to ${what}: ${body.slice(0, 300)}`)
  }
}

const digestOf = (content: Buffer) => `sha256:${createHash('sha256').update(content).digest('hex')}`
