/** Why an image cannot be had, as the container's waiting message says it. */
export class ImagePullError extends Error {
  override name = 'ImagePullError'
}

/** What can be run instead of an image that was not made for this machine. */
export const NO_RUNTIME_HINT =
  'Without an OCI runtime the local cluster runs apps that were pushed with git, and node, python, nginx, redis, mysql, postgres and ' +
  'busybox where they are installed, as processes of this machine. To run any image, install runc ("apt-get install runc", ' +
  'Linux, as root) and start Slipway again, or connect a Kubernetes cluster: set KUBECONFIG and DATABASE_URL.'
