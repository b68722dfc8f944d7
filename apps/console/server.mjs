// Serves the built pages for `npm start`: what Next.js' standalone output runs, in the place where it was built. `next start` compiles the
// configuration anew, which takes 30 MiB and a second.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const dir = import.meta.dirname
const require = createRequire(import.meta.url)
process.chdir(dir)
const { config } = JSON.parse(readFileSync(path.join(dir, '.next/required-server-files.json'), 'utf8'))
process.env.__NEXT_PRIVATE_STANDALONE_CONFIG = JSON.stringify(config)
require('next')
const { startServer } = require('next/dist/server/lib/start-server')
const { PORT, HOSTNAME } = process.env
await startServer({ dir, isDev: false, config, hostname: HOSTNAME, port: Number(PORT), allowRetry: false })
