// The baseline of the local cluster's rows, as a process of its own: a bare Node HTTP server that answers the bytes it was given,
// and a stream that tells every listener what was posted. It knows nothing: no store, no validation, no versions.
import { createServer, type ServerResponse } from 'node:http'

const answers = new Map<string, Buffer>()
const NOTHING = Buffer.from('{}')
const listeners = new Set<ServerResponse>()

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks)
    const url = request.url ?? ''
    if (url === '/stream') {
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
      listeners.add(response)
      response.on('close', () => listeners.delete(response))
      return
    }
    if (request.method === 'PUT') answers.set(url, body)
    if (url === '/event') for (const listener of listeners) listener.write(body)
    const answer = answers.get(url) ?? NOTHING
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length }).end(answer)
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send?.(server.address()))
process.on('disconnect', () => process.exit(0))
