/** Dots that tell an empty value, a short, a middling and a long one apart, and no more. */
export function maskOf(length: number): string {
  if (length === 0) return ''
  return '•'.repeat(length <= 8 ? 8 : length <= 32 ? 16 : 24)
}
