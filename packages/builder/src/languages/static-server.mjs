// Runs in the image of a static site: serves the folder that is named, on PORT. A page named after it answers all
// paths that no file has (but not those with an ending, which are missing files).
import { createReadStream, existsSync } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'
import sirv from 'sirv'

const root = path.resolve(process.argv[2] ?? '.')
const notFoundPage = path.join(root, '404.html')
const port = Number(process.env.PORT ?? 8080)

const serve = sirv(root, {
  dev: false,
  single: process.argv[3] ?? false,
  etag: true,
  dotfiles: false,
  extensions: ['html'],
})

const server = createServer((request, response) => {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end('Method not allowed\n')
    return
  }
  serve(request, response, () => {
    if (existsSync(notFoundPage)) {
      response.writeHead(404, { 'content-type': 'text/html; charset=utf-8' })
      createReadStream(notFoundPage).pipe(response)
    } else {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('Not found\n')
    }
  })
})
server.listen(port, () => console.log(`Serving ${path.basename(root)} on port ${port}`))
process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})
