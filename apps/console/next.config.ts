import path from 'node:path'
import type { NextConfig } from 'next'

const config: NextConfig = {
  // The domain package is TypeScript as it is; everything else that we share is a type.
  transpilePackages: ['@slipway/domain'],
  turbopack: { root: path.resolve(import.meta.dirname, '../..') },
  // `npm run check` runs the compiler over the whole repository; a build does not repeat it.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  reactStrictMode: true,
  experimental: { authInterrupts: true },
}

export default config
