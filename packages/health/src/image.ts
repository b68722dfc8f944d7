import type { RunState } from '@slipway/domain'
import type { ExitStory } from './exit.ts'
import { type Cure, quote } from './finding.ts'

const IMAGE_REASONS = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
])

/** True for a waiting container's reason that says its image cannot be had. */
export function isImageReason(reason: string | undefined): boolean {
  return reason !== undefined && IMAGE_REASONS.has(reason)
}

interface PullFault {
  state: RunState
  action: string
  cures: readonly Cure[]
}

/** What is wrong with a pull and what to do, by what the runtime said. */
function faultOf(message: string): PullFault {
  if (/KUBECONFIG|real cluster|connect a (Kubernetes )?cluster/i.test(message)) {
    return {
      state: 'image_not_found',
      action: 'Push source for Slipway to build, or connect a Kubernetes cluster with KUBECONFIG to run any image.',
      cures: ['deploy_image', 'roll_back'],
    }
  }
  if (/unauthorized|denied|forbidden|authentication|\b40[13]\b/i.test(message)) {
    return {
      state: 'image_refused',
      action: 'Make the image public, or add the credentials of its registry in the team’s settings.',
      cures: ['add_registry', 'roll_back', 'deploy_image'],
    }
  }
  if (/not found|manifest unknown|no such manifest|\b404\b/i.test(message) && !/no such host/i.test(message)) {
    return {
      state: 'image_not_found',
      action: 'Check the name and tag of the image, and deploy one that exists.',
      cures: ['roll_back', 'deploy_image'],
    }
  }
  if (/invalid|couldn't parse/i.test(message) && !/dial tcp/.test(message)) {
    return {
      state: 'image_not_found',
      action: 'Correct the image reference and deploy again.',
      cures: ['roll_back', 'deploy_image'],
    }
  }
  return {
    state: 'image_not_pulled',
    action: 'Check the name of the image, and that the cluster can reach its registry.',
    cures: ['roll_back', 'deploy_image', 'restart'],
  }
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

/** A container whose image cannot be pulled. `message` is the runtime's, of the container's state or of an event. */
export function pullStory(image: string, message: string | undefined): ExitStory {
  const said = pullErrorOf(message ?? '')
  const why = said ? `: ${said}` : ''
  return {
    reason: null,
    clause: `cannot be started: its image ${image} cannot be pulled${why}`,
    cause: `cannot be started: its image cannot be pulled${why.replaceAll(image, 'it')}`,
    ...faultOf(message ?? ''),
  }
}
