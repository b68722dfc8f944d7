/** What a probe or hook found. */
export interface HandlerResult {
  ok: boolean
  /** In the kubelet's words. */
  message: string
}
