import type { ExitStory } from './exit.ts'
import { quote } from './finding.ts'

const IMAGE_REASONS = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
])

/** True for a waiting container's reason that says its image can not be had. */
export function isImageReason(reason: string | undefined): boolean {
  return reason !== undefined && IMAGE_REASONS.has(reason)
}

/** What to do, by what the runtime said. */
function actionFor(message: string): string {
  if (/KUBECONFIG|real cluster|connect a (Kubernetes )?cluster/i.test(message)) {
    return 'Push source for Slipway to build, or connect a Kubernetes cluster with KUBECONFIG to run any image.'
  }
  if (/unauthorized|denied|forbidden|authentication|\b40[13]\b/i.test(message)) {
    return 'Make the image public, or add the credentials of its registry in the team’s settings.'
  }
  if (/not found|manifest unknown|no such manifest|\b404\b/i.test(message) && !/no such host/i.test(message)) {
    return 'Check the name and tag of the image, and deploy one that exists.'
  }
  if (/invalid|couldn't parse/i.test(message) && !/dial tcp/.test(message))
    return 'Correct the image reference and deploy again.'
  return 'Check the name of the image, and that the cluster can reach its registry.'
}

/** The runtime's own words without the wrapping that repeats the image's name. */
function pullErrorOf(message: string): string {
  return quote(
    message
      .replace(/^Back-off pulling image "[^"]*":?\s*/, '')
      .replace(/^(?:ErrImagePull|ImagePullBackOff|Error):\s*/, '')
      .replace(/^failed to pull image "[^"]*":\s*/i, '')
      .replace(/^(?:rpc error: code = \w+ desc = )/, '')
      .replace(/^failed to pull and unpack image "[^"]*":\s*/, '')
      // What to do is said by the action.
      .replace(/\s*To run any image, connect .*$/s, '')
      .replace(/^failed to resolve (?:image|reference "[^"]*"):\s*/, ''),
  )
}

/** A container whose image can not be pulled. `message` is the runtime's, of the container's state or of an event. */
export function pullStory(image: string, message: string | undefined): ExitStory {
  const said = pullErrorOf(message ?? '')
  return {
    reason: null,
    clause: `can not be started: its image ${image} can not be pulled${said ? `: ${said}` : ''}`,
    action: actionFor(message ?? ''),
  }
}
