import type { PodProcess } from '../../types/client.ts'
import { reportOf } from './respond.ts'

/** What all ways of running a command in a pod share. Reference: k8s.io/apimachinery/pkg/util/remotecommand. */

/** The size that a message of the resize stream names; null for anything else. */
export function resizeOf(data: Buffer): { columns: number; rows: number } | null {
  const text = data.toString('utf8')
  const [width, height] = ['Width', 'Height'].map((name) => Number(new RegExp(`"${name}":\\s*(\\d+)`).exec(text)?.[1]))
  return width && height ? { columns: width, rows: height } : null
}

/** What the error stream says once the command has ended. */
export async function endStatus(process: PodProcess): Promise<object> {
  try {
    return exitStatus(await process.exitCode)
  } catch (error) {
    return reportOf(error).status
  }
}

function exitStatus(code: number): object {
  if (code === 0) return { metadata: {}, status: 'Success' }
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  }
}
