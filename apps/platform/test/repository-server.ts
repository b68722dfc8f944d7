import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { basicCredentials } from '../src/auth/basic.ts'
import { gitConfig, gitEnvironment } from '../src/git/git.ts'
import { runHttpBackend } from '../src/git/http-backend.ts'

/**
 * A git host: serves the repositories of a directory over smart HTTP to requests that carry the token. `onRequest` is called while the
 * git that asks waits.
 */
export async function startRepositoryServer(directory: string, token: string | null, onRequest?: () => void) {
  let fetches = 0
  const server = http.createServer((request, response) => {
    onRequest?.()
    const [path = '', query = ''] = (request.url ?? '').split('?', 2)
    if (token !== null && basicCredentials(request.headers.authorization)?.password !== token) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="host"' }).end()
      return
    }
    if (path.endsWith('/git-upload-pack')) fetches++
    const env = {
      ...gitEnvironment(gitConfig({ 'safe.directory': '*', 'uploadpack.allowAnySHA1InWant': 'true' })),
      GIT_PROJECT_ROOT: directory,
      GIT_HTTP_EXPORT_ALL: '1',
      REQUEST_METHOD: request.method,
      PATH_INFO: path,
      QUERY_STRING: query,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    }
    runHttpBackend({
      request,
      response,
      env,
      bodyLimitBytes: 1024 * 1024,
      onStderr: (line) => console.error(`git host: ${line}`),
    }).catch((error) => response.destroy(error))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fetches: () => fetches,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
