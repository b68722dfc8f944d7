/** True on Apple's systems, where the command key does what Ctrl does elsewhere. */
export function isApple(userAgent: string | null): boolean {
  return /\b(Macintosh|Mac OS X|iPhone|iPad|iPod)\b/.test(userAgent ?? '')
}
