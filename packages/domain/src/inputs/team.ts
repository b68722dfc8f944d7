import { z } from 'zod'
import { newSlugSchema, registryHostSchema } from '../names.ts'
import { resourceLimitsSchema } from '../quota.ts'
import { environmentRefSchema, projectRefSchema, teamRefSchema } from '../refs.ts'
import { ROLES } from '../roles.ts'
import { displayNameSchema, emailSchema, passwordSchema } from './account.ts'

export const createTeamInput = z.object({ name: displayNameSchema, team: newSlugSchema })
export const updateTeamInput = teamRefSchema.extend({ name: displayNameSchema })

const role = z.enum(ROLES)
export const setRoleInput = teamRefSchema.extend({ email: emailSchema, role })
export const removeMemberInput = teamRefSchema.extend({ email: emailSchema })
/** invitation.create: answers a link that is shown once; it ends after 7 days. */
export const createInvitationInput = teamRefSchema.extend({ email: emailSchema, role })
export const revokeInvitationInput = teamRefSchema.extend({ email: emailSchema })
/** invitation.get / accept: the secret of the link. Accepting makes the account where there is none (name and password then needed). */
export const invitationTokenInput = z.object({ token: z.string().min(20).max(200) })
export const acceptInvitationInput = invitationTokenInput.extend({
  name: displayNameSchema.optional(),
  password: passwordSchema.optional(),
})

/** registry.set: credentials for pulling private images of one registry; setting a host again replaces them. */
export const setRegistryInput = teamRefSchema.extend({
  host: registryHostSchema,
  username: z.string().trim().min(1, 'Enter a user name.').max(200),
  /** Password or access token. Encrypted at rest, never shown again. */
  password: z.string().min(1, 'Enter a password or access token.').max(8192),
})
export const removeRegistryInput = teamRefSchema.extend({ host: registryHostSchema })

export const setQuotaInput = teamRefSchema.extend({ limits: resourceLimitsSchema })
export const setAllocationInput = environmentRefSchema.extend({ limits: resourceLimitsSchema })

export const createProjectInput = teamRefSchema.extend({ name: displayNameSchema, project: newSlugSchema })
/** Production looks and is guarded differently; the kind is fixed when the environment is made. */
export const ENVIRONMENT_KINDS = ['production', 'staging', 'preview'] as const
export type EnvironmentKind = (typeof ENVIRONMENT_KINDS)[number]
export const createEnvironmentInput = projectRefSchema.extend({
  environment: newSlugSchema,
  kind: z.enum(ENVIRONMENT_KINDS),
})
/** Deleting what cannot be undone asks for its name once more. */
export const deleteProjectInput = projectRefSchema.extend({ confirm: z.string() })
export const deleteEnvironmentInput = environmentRefSchema.extend({ confirm: z.string() })

/** Pages of lists that grow: `cursor` is what the last page answered as `nextCursor`. */
export const pageInput = z.object({
  cursor: z.string().max(200).nullish(),
  limit: z.number().int().min(1).max(100).default(50),
})
export const auditListInput = teamRefSchema.extend(pageInput.shape)
