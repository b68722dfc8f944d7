/** What a probe or hook found. */
export interface HandlerResult {
  ok: boolean
  /** In the kubelet's words. */
  message: string
  /** It could not be tried at all: for a probe that counts neither way. */
  unknown?: true
  /** How a command ended that was carried out. */
  command?: { exitCode: number | null; stderr: string }
}
