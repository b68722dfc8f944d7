import type { AppObjects } from '../src/objects.ts'
import type { Step } from './recording.ts'

/** The app that a recorded Deployment stands for: its revision is the release, its replicas are what is wanted. */
export function appOf(step: Step): AppObjects | null {
  const [deployment] = step.deployments
  if (!deployment) return null
  const release = Number(deployment.metadata?.labels?.['slipway.dev/release'])
  const process = {
    name: deployment.metadata?.name ?? '',
    kind: 'web' as const,
    instances: deployment.spec?.replicas ?? 1,
  }
  return { ...step, wanted: { release, processes: [process] } }
}
