import { homedir } from 'node:os'
import path from 'node:path'
import { AppError } from '@slipway/domain'
import { z } from 'zod'

const schema = z.object({
  /** Address of the installation to talk to. */
  SLIPWAY_URL: z.string().min(1).optional(),
  /** API token, for machines that have no one to sign in. */
  SLIPWAY_TOKEN: z
    .string()
    .regex(/^slp_\S+$/, 'an API token begins with "slp_"')
    .optional(),
  /** Default of --app. */
  SLIPWAY_APP: z.string().min(1).optional(),
  XDG_CONFIG_HOME: z.string().min(1).optional(),
  NO_COLOR: z.string().optional(),
  FORCE_COLOR: z.string().optional(),
  PATH: z.string().optional(),
  DISPLAY: z.string().optional(),
  WAYLAND_DISPLAY: z.string().optional(),
})

/** What the command line takes from its environment. Empty values count as unset. */
export interface Env {
  url: string | null
  token: string | null
  app: string | null
  configDir: string
  color: boolean | null
  path: string
  /** A graphical session of Linux. */
  hasDisplay: boolean
}

/** Reads and checks the environment. Throws `invalid_input` that names the variable. */
export function readEnv(variables: Readonly<Record<string, string | undefined>>): Env {
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''))
  const parsed = schema.safeParse(set)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new AppError('invalid_input', `${issue?.path.join('.')} is not valid: ${issue?.message}.`)
  }
  const { data } = parsed
  return {
    url: data.SLIPWAY_URL ?? null,
    token: data.SLIPWAY_TOKEN ?? null,
    app: data.SLIPWAY_APP ?? null,
    configDir: path.join(data.XDG_CONFIG_HOME ?? path.join(homedir(), '.config'), 'slipway'),
    color: data.NO_COLOR !== undefined ? false : data.FORCE_COLOR !== undefined ? data.FORCE_COLOR !== '0' : null,
    path: data.PATH ?? '',
    hasDisplay: (data.DISPLAY ?? data.WAYLAND_DISPLAY) !== undefined,
  }
}

/** The environment of this process. */
export function processEnv(): Env {
  return readEnv(process.env)
}
