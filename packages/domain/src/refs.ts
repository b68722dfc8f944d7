import { z } from 'zod'
import { slugSchema } from './names.ts'

/** Paths of slugs: how every procedure, the CLI and the console's addresses name things. */
export const teamRefSchema = z.object({ team: slugSchema })
export const projectRefSchema = teamRefSchema.extend({ project: slugSchema })
export const environmentRefSchema = projectRefSchema.extend({ environment: slugSchema })
export const appRefSchema = environmentRefSchema.extend({ app: slugSchema })
/** One release of an app, by its number (v42 → 42). */
export const releaseRefSchema = appRefSchema.extend({ release: z.number().int().min(1) })
/** One build of an app, by its number. */
export const buildRefSchema = appRefSchema.extend({ build: z.number().int().min(1) })

export type TeamRef = z.infer<typeof teamRefSchema>
export type ProjectRef = z.infer<typeof projectRefSchema>
export type EnvironmentRef = z.infer<typeof environmentRefSchema>
export type AppRef = z.infer<typeof appRefSchema>
export type BuildRef = z.infer<typeof buildRefSchema>
