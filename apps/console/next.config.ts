import path from 'node:path'
import type { NextConfig } from 'next'

const root = path.resolve(import.meta.dirname, '../..')

const config: NextConfig = {
  // Images take the server with only the files it needs; `npm start` runs it where it was built.
  output: process.env.NEXT_OUTPUT === 'standalone' ? 'standalone' : undefined,
  outputFileTracingRoot: root,
  // The domain package is TypeScript as it is; everything else that we share is a type.
  transpilePackages: ['@slipway/domain'],
  turbopack: { root },
  // `npm run check` runs the compiler over the whole repository; a build does not repeat it.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  reactStrictMode: true,
  experimental: {
    authInterrupts: true,
    // Writing the cache takes a fifth of a first build, and sources change with an upgrade only.
    turbopackFileSystemCacheForBuild: false,
  },
}

export default config
