import { AppError } from '@slipway/domain'

/** tRPC sends ids back as they were; zero is a good beginning but an empty id would not be one. */
export const positionOf = (offset: number): string => `b${offset}`

/** Where in a log that is kept a client goes on, in bytes. Throws `invalid_input`. */
export function offsetOf(id: string | null | undefined): number {
  if (!id) return 0
  const offset = /^b(\d{1,12})$/.exec(id)?.[1]
  if (offset === undefined) throw new AppError('invalid_input', 'This is not a position in a log. Open the log again.')
  return Number(offset)
}
