import { z } from 'zod'
import { resourceLimitsSchema } from '../quota.ts'
import { teamRefSchema } from '../refs.ts'
import { emailSchema } from './account.ts'
import { pageInput } from './team.ts'

/** Who may make teams. */
export const TEAM_CREATION = ['everyone', 'operators'] as const
export type TeamCreation = (typeof TEAM_CREATION)[number]

/** Lists of operators: a part of a name or an address narrows them. */
export const adminListInput = pageInput.extend({ search: z.string().trim().max(200).default('') })
/** admin.setQuota: from then on only operators change the team's quota. `limits` null hands it back to the team's admins. */
export const adminQuotaInput = teamRefSchema.extend({ limits: resourceLimitsSchema.nullable() })
const adminAccountInput = z.object({ email: emailSchema })
export const setOperatorInput = adminAccountInput.extend({ operator: z.boolean() })
/** admin.setActive: false ends the account's sessions, and nobody signs in to it. */
export const setActiveInput = adminAccountInput.extend({ active: z.boolean() })
export const installationSettingsInput = z.object({ teamCreation: z.enum(TEAM_CREATION) })
