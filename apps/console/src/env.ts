import { z } from 'zod'

const schema = z.object({
  SLIPWAY_URL: z.url({ protocol: /^https?$/ }).default('http://localhost:3000'),
  SLIPWAY_PLATFORM_URL: z.url({ protocol: /^https?$/ }),
  SLIPWAY_SESSION_SECRET: z.string().min(16),
})

export interface ConsoleEnv {
  /** Public origin, as browsers see it. */
  publicUrl: string
  /** Where this server reaches the platform. */
  platformUrl: string
  /** Signs sessions; the platform reads them with the same one. */
  sessionSecret: string
}

let parsed: ConsoleEnv | undefined

/**
 * The console's environment, read at the first request rather than at the build. Throws one readable error that names every
 * variable that is wrong.
 */
export function env(): ConsoleEnv {
  if (parsed) return parsed
  const result = schema.safeParse({
    ...process.env,
    SLIPWAY_SESSION_SECRET: process.env.SLIPWAY_SESSION_SECRET ?? process.env.NEXTAUTH_SECRET,
  })
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new Error(`The console's environment is not valid. ${problems.join('; ')}. See docs/architecture.md.`)
  }
  const { SLIPWAY_URL, SLIPWAY_PLATFORM_URL, SLIPWAY_SESSION_SECRET } = result.data
  // next-auth finds its own address only here.
  process.env.NEXTAUTH_URL ??= SLIPWAY_URL
  parsed = {
    publicUrl: new URL(SLIPWAY_URL).origin,
    platformUrl: new URL(SLIPWAY_PLATFORM_URL).origin,
    sessionSecret: SLIPWAY_SESSION_SECRET,
  }
  return parsed
}

/** True in `next dev`, where /dev/ui exists. */
export function isDevelopment(): boolean {
  return process.env.NODE_ENV === 'development'
}
