import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type ImageFiles, referenceFault } from '../../registry/images/index.ts'
import type { Container } from '../../types/container.ts'
import type { Pod } from '../../types/pod.ts'
import { goDuration } from '../../types/times.ts'
import { type NodeContext, recordEvent } from '../context.ts'
import type { RunnableImage } from '../options.ts'
import { type ContainerRecord, NOT_PULLED } from '../pod/state.ts'
import { pullSecrets } from './pull-secrets.ts'

/** Image of build Jobs: the builder of this repository, run by the Node that runs the cluster. */
const BUILDER_IMAGE = 'slipway.internal/builder'
/** Of what Node compiled of it, below node_modules. */
const BUILDER_CACHE = '.cache/slipway-builder'
const BUILDER = createRequire(import.meta.url).resolve('@slipway/builder/main')

/** Pull back-off of the kubelet. */
const PULL_BACKOFF = { baseMs: 10_000, maxMs: 300_000 }
/** After this the failure is shown as a back-off, as the kubelet's next look does. */
const SHOW_BACKOFF_AFTER_MS = 500

/** Containers that have neither a root nor a view of their own write into the image itself. */
const filesOf = ({ runtime, sandbox }: NodeContext): ImageFiles =>
  runtime !== null ? 'image' : sandbox === null ? 'own' : 'shared'

/** True for the builder under any tag. */
export const isBuilder = (reference: string) => reference.split(/[:@]/)[0] === BUILDER_IMAGE

/** What of the repository the builder consists of: its packages and what they depend on. */
export function repositoryPlaces(): string[] {
  const root = BUILDER.slice(0, BUILDER.lastIndexOf('/packages/'))
  return ['packages', 'node_modules', 'package.json'].map((name) => join(root, name))
}

function builtInImage(context: NodeContext, reference: string): RunnableImage | null {
  if (isBuilder(reference)) {
    const places = repositoryPlaces()
    // What scripts/lib/prepare.mjs has compiled; a build can only read it.
    const compiled = places.filter((place) => place.endsWith('/node_modules')).map((dir) => join(dir, BUILDER_CACHE))
    const config = { Entrypoint: [process.execPath, BUILDER], Env: compiled.map((dir) => `NODE_COMPILE_CACHE=${dir}`) }
    return { digest: BUILDER_IMAGE, rootDir: '/', config, root: 'builder', places }
  }
  if (context.hostImages.includes(reference)) return { digest: reference, rootDir: '/', config: {}, root: 'machine' }
  return null
}

/**
 * The container's image when it is here; otherwise begins or continues to pull it, says so in the container's waiting
 * state, and answers null. The pod is looked at again when that changes.
 */
export async function ensureImage(
  context: NodeContext,
  pod: Pod,
  container: Container,
  known: ContainerRecord,
): Promise<RunnableImage | null> {
  const { pulled } = known.image
  if (pulled !== null) {
    known.image = { ...NOT_PULLED }
    return pulled
  }
  const fault = referenceFault(container.image)
  if (fault !== null) {
    const named = JSON.stringify(container.image)
    const message = `Failed to apply default image tag ${named}: couldn't parse image name ${named}: ${fault}`
    return cannotHave(context, pod, container, known, { reason: 'InvalidImageName', event: 'InspectFailed', message })
  }
  const builtIn = builtInImage(context, container.image)
  const image =
    builtIn ??
    (container.imagePullPolicy === 'Always' ? null : await context.images.lookup(container.image, filesOf(context)))
  if (image !== null) {
    await recordEvent(context, pod, container, {
      type: 'Normal',
      reason: 'Pulled',
      message: `Container image "${container.image}" already present on machine and can be accessed by the pod`,
    })
    return image
  }
  if (known.image.pulling) return null
  const waitMs = known.image.retryAtMs - context.now()
  if (waitMs > 0) {
    const shownInMs = waitMs - known.image.delayMs + SHOW_BACKOFF_AFTER_MS
    if (shownInMs > 0) {
      context.enqueue(pod.metadata.uid ?? '', shownInMs)
      return null
    }
    await showBackoff(context, pod, container, known)
    context.enqueue(pod.metadata.uid ?? '', waitMs)
    return null
  }
  if (container.imagePullPolicy === 'Never') return refuse(context, pod, container, known)
  known.image.pulling = true
  void pull(context, pod, container, known).finally(() => context.enqueue(pod.metadata.uid ?? ''))
  return null
}

/** Pulls beside everything else: a pod can be deleted while its image comes. Never rejects. */
async function pull(context: NodeContext, pod: Pod, container: Container, known: ContainerRecord): Promise<void> {
  const { image } = container
  await recordEvent(context, pod, container, { type: 'Normal', reason: 'Pulling', message: `Pulling image "${image}"` })
  const startedMs = context.now()
  try {
    const secrets = await pullSecrets(context, pod)
    const pulled = await context.images.pull(image, AbortSignal.timeout(PULL_TIMEOUT_MS), filesOf(context), secrets)
    known.image = { ...NOT_PULLED, pulled }
    const took = goDuration(context.now() - startedMs)
    const size = pulled.sizeBytes === undefined ? '' : ` Image size: ${pulled.sizeBytes} bytes.`
    const message = `Successfully pulled image "${image}" in ${took} (${took} including waiting).${size}`
    await recordEvent(context, pod, container, { type: 'Normal', reason: 'Pulled', message })
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error)
    const delayMs = Math.min(known.image.delayMs * 2 || PULL_BACKOFF.baseMs, PULL_BACKOFF.maxMs)
    known.image = { ...NOT_PULLED, failure, delayMs, retryAtMs: context.now() + delayMs }
    known.waiting = { reason: 'ErrImagePull', message: failure }
    const failed = { type: 'Warning' as const, reason: 'Failed' }
    await recordEvent(context, pod, container, { ...failed, message: `Failed to pull image "${image}": ${failure}` })
    await recordEvent(context, pod, container, { ...failed, message: 'Error: ErrImagePull' })
    context.enqueue(pod.metadata.uid ?? '', SHOW_BACKOFF_AFTER_MS)
  }
}

/** Unpacking a large image on a busy machine. */
const PULL_TIMEOUT_MS = 600_000

async function showBackoff(context: NodeContext, pod: Pod, container: Container, known: ContainerRecord) {
  if (known.waiting?.reason === 'ImagePullBackOff') return
  const backoff = `Back-off pulling image "${container.image}"`
  known.waiting = { reason: 'ImagePullBackOff', message: `${backoff}: ErrImagePull: ${known.image.failure ?? ''}` }
  await recordEvent(context, pod, container, { type: 'Normal', reason: 'BackOff', message: backoff })
  const message = 'Error: ImagePullBackOff'
  await recordEvent(context, pod, container, { type: 'Warning', reason: 'Failed', message })
}

async function refuse(context: NodeContext, pod: Pod, container: Container, known: ContainerRecord): Promise<null> {
  const message = `Container image "${container.image}" is not present with pull policy of Never`
  return cannotHave(context, pod, container, known, {
    reason: 'ErrImageNeverPull',
    event: 'ErrImageNeverPull',
    message,
  })
}

/** Said again at each look, as nothing else is to be waited for. */
async function cannotHave(
  context: NodeContext,
  pod: Pod,
  container: Container,
  known: ContainerRecord,
  { reason, event, message }: { reason: string; event: string; message: string },
): Promise<null> {
  known.waiting = { reason, message }
  await recordEvent(context, pod, container, { type: 'Warning', reason: event, message })
  await recordEvent(context, pod, container, { type: 'Warning', reason: 'Failed', message: `Error: ${reason}` })
  context.enqueue(pod.metadata.uid ?? '', PULL_BACKOFF.baseMs)
  return null
}
