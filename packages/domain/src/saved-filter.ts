import { z } from 'zod'
import { displayNameSchema } from './inputs/account.ts'

/** Saved filters of one account at most. */
export const MAX_SAVED_FILTERS = 30

/** A named way of looking at the list of apps. `query`: the query string of the list's address, without `?`. */
export const savedFilterSchema = z.object({
  name: displayNameSchema,
  query: z
    .string()
    .min(1, 'Filter, sort or group the list first.')
    .max(500)
    .regex(/^[\w.*+%=&-]+$/, 'This is not a filter.'),
})
export type SavedFilter = z.infer<typeof savedFilterSchema>

/** filter.remove */
export const removeFilterInput = z.object({ name: z.string().max(1000) })
