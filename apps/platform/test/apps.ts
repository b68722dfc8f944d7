/** Small apps that the tests push. None has dependencies: nothing is downloaded. */

/** Answers its greeting; prints a line for each request to /log/<text>. */
export const GREETER = {
  'package.json': JSON.stringify({ name: 'greeter', version: '1.0.0', scripts: { start: 'node server.js' } }),
  'server.js': `
const http = require('http')
console.log('greeter starts')
const server = http.createServer((request, response) => {
  if (request.url.startsWith('/log/')) console.log(decodeURIComponent(request.url.slice(5)))
  if (request.url === '/exit') setTimeout(() => process.exit(3), 50)
  response.end('hello ' + (process.env.GREETING || 'nobody'))
})
server.listen(process.env.PORT)
process.on('SIGTERM', () => server.close(() => process.exit(0)))
`,
} as const

/** Takes `seconds` to build, and prints a line ten times a second while it does. */
export const slowToBuild = (seconds: number) => ({
  ...GREETER,
  'package.json': JSON.stringify({
    name: 'slow',
    version: '1.0.0',
    scripts: { start: 'node server.js', build: 'node build.js' },
  }),
  'build.js': `
let tick = 0
const timer = setInterval(() => {
  console.log('tick ' + ++tick)
  if (tick >= ${seconds * 10}) clearInterval(timer)
}, 100)
`,
})

export const CRASHES = {
  'package.json': JSON.stringify({ name: 'crashes', version: '1.0.0', scripts: { start: 'node server.js' } }),
  'server.js': `console.log('looking for the database'); console.error('Error: DATABASE_URL is not set'); process.exit(7)`,
} as const

/** An HTTP server that does what `script` says with it. */
export const server = (script: string) => ({
  'package.json': JSON.stringify({ name: 'case', version: '1.0.0', scripts: { start: 'node server.js' } }),
  'server.js': `const server = require('node:http').createServer((_request, response) => response.end('case'))
console.log('warming')
setInterval(() => {}, 1000)
${script}
`,
})
