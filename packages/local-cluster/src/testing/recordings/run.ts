import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLocalCluster } from '../../cluster.ts'
import { lengthMs, type Recording, readRecording, recordingFiles } from './recording.ts'
import { judge, type Verdict } from './verdict.ts'
import { worldOf } from './world.ts'

/** Plays that run beside each other, each in its namespace: they mostly wait. */
const mostAtOnce = 8

/**
 * Starts a cluster on a directory of its own and plays the files on it, the longest first, with the times of Kubernetes.
 * @param onVerdict called as soon as a scenario is judged; a play that could not go on is a difference, too.
 */
export async function playFiles(files: readonly string[], onVerdict: (verdict: Verdict) => void): Promise<void> {
  const library = recordingFiles().map(readRecording)
  const recordings = files.map(readRecording).sort((a, b) => lengthMs(b) - lengthMs(a))
  const images = new Set(recordings.flatMap((recording) => worldOf(recording, library).images))
  const stateDir = mkdtempSync(join(tmpdir(), 'slipway-play-'))
  const cluster = await startLocalCluster({
    stateDir,
    apiPort: 0,
    ingressPort: 0,
    // What is recorded are answers and their order, in real time: without a runtime a busy machine keeps up with it more easily.
    node: { hostImages: [...images], ociRuntime: process.env.SLIPWAY_TEST_OCI_RUNTIME === 'auto' ? 'auto' : 'none' },
    // The recorded cluster had neither.
    storageClass: false,
    metrics: false,
  })
  try {
    const target = { url: cluster.registryUrl, token: cluster.token }
    const queue = [...recordings]
    const worker = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift())
        onVerdict(await judged(target, next, library))
    }
    await Promise.all(Array.from({ length: Math.min(mostAtOnce, recordings.length) }, worker))
  } finally {
    await cluster.stop()
    rmSync(stateDir, { recursive: true, force: true })
  }
}

async function judged(
  target: { url: string; token: string },
  recording: Recording,
  library: readonly Recording[],
): Promise<Verdict> {
  try {
    return await judge(target, recording, library)
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return {
      scenario: recording.scenario,
      differences: [`The play broke off: ${what}`],
      answers: 0,
      stories: 0,
      objects: 0,
      tookMs: 0,
    }
  }
}
