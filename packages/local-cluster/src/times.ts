/** Times as the API writes them, in UTC. Reference: metav1.Time and metav1.MicroTime of k8s.io/apimachinery. */

/** With whole seconds. @param ms since the epoch */
export const timestamp = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`

/** With microseconds, as far as the clock has them. @param ms since the epoch */
export const microTimestamp = (ms: number) => `${new Date(ms).toISOString().slice(0, -1)}000Z`
