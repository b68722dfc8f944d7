import { z } from 'zod'

const schema = z.object({
  SOURCE_URL: z.url(),
  SOURCE_TOKEN: z.string().min(1),
  REGISTRY_PUSH_URL: z.url(),
  IMAGE_REPOSITORY: z.string().min(1),
  IMAGE_PREFIX: z.string().min(1),
  CACHE_KEY: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,127}$/i),
  SLIPWAY_BUILD_CACHE_DIR: z.string().min(1),
  TERMINATION_LOG: z.string().min(1),
})
export type BuilderEnv = z.infer<typeof schema>

/** What the tools of a build may see of this process's environment. */
const TOOLS =
  /^(PATH|LANG|LC_.*|TZ|TMPDIR|(https?|no|all)_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_.*|npm_config_registry|npm_config_nodedir|PIP_INDEX_URL)$/i

/**
 * Reads the environment of a build's pod.
 * @throws Error that names the variables that are wrong
 */
export function readEnv(source: NodeJS.ProcessEnv = process.env): { build: BuilderEnv; tools: Record<string, string> } {
  const parsed = schema.safeParse(source)
  if (!parsed.success) {
    throw new Error(
      `the build's environment is not complete: ${parsed.error.issues.map((issue) => issue.path.join('.')).join(', ')}`,
    )
  }
  return { build: parsed.data, tools: toolEnvironment(source) }
}

/** What the tools of a build may see of an environment: where programs are, languages, proxies and certificates. */
export function toolEnvironment(source: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(source).filter((entry): entry is [string, string] => entry[1] !== undefined && TOOLS.test(entry[0])),
  )
}
