/** Why an image cannot be had, as the container's waiting message says it. */
export class ImagePullError extends Error {
  override name = 'ImagePullError'
}

/** What can be run instead of an image that was not made for this machine. */
export const NO_RUNTIME_HINT =
  'The local cluster runs apps that were pushed with git, and node, python, nginx, redis, mysql, postgres and busybox where they ' +
  'are installed, as processes of this machine; it has no container runtime. ' +
  'To run any image, connect a Kubernetes cluster: set KUBECONFIG and DATABASE_URL and start Slipway again.'
