// A web server without dependencies: answers who it is, streams, and echoes web sockets' cousins, server-sent events.
const http = require('node:http')

const port = process.env.PORT || 3000
const greeting = process.env.GREETING || 'Hello'

const server = http.createServer((request, response) => {
  console.log(`${request.method} ${request.url}`)
  if (request.url === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    let count = 0
    const timer = setInterval(() => response.write(`data: ${++count}\n\n`), 250)
    request.on('close', () => clearInterval(timer))
    return
  }
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
  response.end(`<!doctype html><title>Example</title><h1>${greeting} from Slipway</h1><p>Process ${process.pid}</p>\n`)
})

server.listen(port, () => console.log(`Listening on port ${port}`))

// Let requests in progress end when a new release takes over.
process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})
