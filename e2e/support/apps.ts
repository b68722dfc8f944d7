/** Small apps that the specs push. None has dependencies: nothing is downloaded. */

const packageJson = (scripts: Record<string, string>) =>
  JSON.stringify({ name: 'app', version: '1.0.0', private: true, scripts })

type Files = Readonly<Record<string, string>>

/**
 * Greets with GREETING, in a header too. /log/TEXT prints it, /lines/N prints N lines, /long/N one of N characters, /stream sends a second line only after
 * /next was asked for, /exit ends the process, and the page itself opens a web socket that answers in capitals.
 */
export const GREETER: Files = {
  'package.json': packageJson({ start: 'node server.js' }),
  'server.js': `
const http = require('node:http')
const { createHash } = require('node:crypto')
const greeting = process.env.GREETING || 'nobody'
let open = []
const page = \`<!doctype html><title>Greeter</title><h1>hello \${greeting}</h1><p id="socket"></p><script>
const socket = new WebSocket(location.href.replace('http', 'ws'))
socket.onopen = () => socket.send('from the browser')
socket.onmessage = ({ data }) => { document.getElementById('socket').textContent = data }
</script>\`
const answer = (response, text) => response.end(text + '\\n')
const server = http.createServer((request, response) => {
  const [, what, text = ''] = request.url.split('/')
  response.setHeader('greeting', greeting)
  if (what === 'log') return console.log(decodeURIComponent(text)), answer(response, 'logged')
  if (what === 'long') return console.log('START' + 'x'.repeat(Number(text))), answer(response, 'logged')
  if (what === 'lines') {
    for (let n = 1; n <= Number(text); n++) console.log('line ' + n)
    return answer(response, 'logged')
  }
  if (what === 'stream') return response.write('first\\n'), void open.push(response)
  if (what === 'next') {
    for (const stream of open) stream.end('second\\n')
    open = []
    return answer(response, 'sent')
  }
  if (what === 'exit') return answer(response, 'bye'), void setTimeout(() => process.exit(3), 20)
  response.setHeader('content-type', 'text/html').end(page)
})
// RFC 6455 as far as one short text message goes.
server.on('upgrade', (request, socket) => {
  const accept = createHash('sha1').update(request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11')
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: ' + accept.digest('base64') + '\\r\\n\\r\\n')
  socket.on('error', () => socket.destroy())
  socket.on('data', (frame) => {
    if ((frame[0] & 15) !== 1) return socket.end()
    const mask = frame.subarray(2, 6)
    const text = Buffer.from(frame.subarray(6, 6 + (frame[1] & 127)).map((byte, at) => byte ^ mask[at % 4])).toString().toUpperCase()
    socket.write(Buffer.concat([Buffer.from([129, text.length]), Buffer.from(text)]))
  })
})
server.listen(process.env.PORT, () => console.log('greeter listens'))
process.on('SIGTERM', () => server.close(() => process.exit(0)))
`,
}

/** A web process, and a worker that prints a line every second. */
export const WITH_WORKER: Files = {
  ...GREETER,
  Procfile: 'web: node server.js\nworker: node worker.js\n',
  'worker.js': `let n = 0; setInterval(() => console.log('worker beat ' + ++n), 1000); process.on('SIGTERM', () => process.exit(0))`,
}

/** Migrates before each release; fails where BROKEN is set, and never ends where SLOW is. */
export const MIGRATES: Files = {
  ...GREETER,
  Procfile: 'web: node server.js\nrelease: node migrate.js\n',
  'migrate.js': `console.log('migrating for ' + process.env.SLIPWAY_RELEASE)
if (process.env.BROKEN) { console.error('error: relation "orders" does not exist'); process.exit(1) }
if (process.env.SLOW) setInterval(() => undefined, 1000)
else console.log('migrated for ' + process.env.SLIPWAY_RELEASE)`,
}

/** No web process. */
export const WORKER_ONLY: Files = { ...WITH_WORKER, Procfile: 'worker: node worker.js\n' }

/** Prints ten lines a second while it is built, for so many seconds. */
export const slowToBuild = (seconds: number): Files => ({
  ...GREETER,
  'package.json': packageJson({ start: 'node server.js', build: 'node build.js' }),
  'build.js': `let tick = 0; const timer = setInterval(() => { console.log('tick ' + ++tick); if (tick >= ${seconds * 10}) clearInterval(timer) }, 100)`,
})

export const FAILS_TO_BUILD: Files = {
  'package.json': packageJson({ start: 'node server.js', build: 'node build.js' }),
  'build.js': `console.log('compiling'); console.error('error TS2304: Cannot find name "invoice".'); process.exit(2)`,
}

export const CRASHES: Files = {
  'package.json': packageJson({ start: 'node server.js' }),
  'server.js': `console.log('looking for the database'); console.error('Error: DATABASE_URL is not set'); process.exit(7)`,
}

/** Serves once DATABASE_URL is set, and says so until then. */
export const NEEDS_DATABASE: Files = {
  ...GREETER,
  'server.js': `if (!process.env.DATABASE_URL) { console.error('Error: DATABASE_URL is not set'); process.exit(7) }\n${GREETER['server.js']}`,
}

export const BAD_COMMAND: Files = {
  'package.json': packageJson({}),
  Procfile: 'web: ./bin/serve --port $PORT\n',
}

/** Runs, says so, and listens nowhere. */
export const NEVER_LISTENS: Files = {
  'package.json': packageJson({ start: 'node server.js' }),
  'server.js': `console.log('ready for work'); setInterval(() => undefined, 1000); process.on('SIGTERM', () => process.exit(0))`,
}

export const NOT_RECOGNISED: Files = { 'README.md': 'Nothing to run here.\n' }
