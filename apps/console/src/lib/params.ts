import {
  type AppRef,
  appRefSchema,
  type ProjectRef,
  projectRefSchema,
  type TeamRef,
  teamRefSchema,
} from '@slipway/domain'
import { notFound } from 'next/navigation'
import type { z } from 'zod'

/** Parameters of a page's address, as Next.js hands them over. */
export type Params = Promise<Record<string, string | string[] | undefined>>

async function parse<T>(schema: z.ZodType<T>, params: Params): Promise<T> {
  const result = schema.safeParse(await params)
  return result.success ? result.data : notFound()
}

/** The app that an address names; the not-found page when a name cannot be one. */
export const appParams = (params: Params): Promise<AppRef> => parse(appRefSchema, params)
export const projectParams = (params: Params): Promise<ProjectRef> => parse(projectRefSchema, params)
export const teamParams = (params: Params): Promise<TeamRef> => parse(teamRefSchema, params)
