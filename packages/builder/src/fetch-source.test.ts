import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fetchSource } from './fetch-source.ts'

let dir: string
let server: Server | null = null
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'slipway-fetch-'))
  mkdirSync(path.join(dir, 'to'))
})
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  rmSync(dir, { recursive: true, force: true })
})

/** A source large enough that half of it is some files. */
function archive(): Buffer {
  const from = path.join(dir, 'from')
  mkdirSync(from)
  for (let n = 0; n < 20; n++) writeFileSync(path.join(from, `file-${n}`), `${n}`.repeat(100_000))
  return execFileSync('tar', ['-cz', '-C', from, '.'], { maxBuffer: 64 * 1024 ** 2 })
}

async function serve(answers: RequestListener[], port = 0): Promise<string> {
  const started = createServer((request, response) =>
    (answers.length > 1 ? answers.shift() : answers[0])?.(request, response),
  )
  server = started
  await new Promise<void>((resolve) => started.listen(port, '127.0.0.1', resolve))
  const address = started.address()
  return `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}/source`
}

const fetched = (url: string, patienceMs?: number) =>
  fetchSource(url, 'token', path.join(dir, 'to'), new AbortController().signal, patienceMs)

describe('the source of a build', () => {
  it('is asked for again while the repositories are away, and from the beginning when it broke off', async () => {
    const whole = archive()
    const url = await serve([
      (_, response) => response.writeHead(503).end('not reachable'),
      (_, response) => response.writeHead(404).end('404 page not found'),
      (_, response) => {
        response.writeHead(200, { 'content-length': whole.length })
        response.write(whole.subarray(0, whole.length / 2), () => response.destroy())
      },
      (_, response) => response.end(whole),
    ])
    await fetched(url)
    expect(readFileSync(path.join(dir, 'to/file-19'), 'utf8')).toBe('19'.repeat(100_000))
  })

  it('waits for a process that does not listen yet', async () => {
    const url = await serve([(_, response) => response.end()])
    server?.close()
    const fetching = fetched(url)
    const whole = archive()
    await serve([(_, response) => response.end(whole)], Number(new URL(url).port))
    await fetching
    expect(existsSync(path.join(dir, 'to/file-0'))).toBe(true)
  })

  it('is not waited for where there is none, nor longer than patience lasts', async () => {
    let asked = 0
    const url = await serve([
      (_, response) => {
        asked++
        response.writeHead(404).end(JSON.stringify({ error: { code: 'not_found', message: 'It is over.' } }))
      },
    ])
    await expect(fetched(url)).rejects.toThrow('the source could not be fetched: HTTP 404')
    expect(asked).toBe(1)
    server?.close()
    await expect(fetched(url, 100)).rejects.toThrow(/the source could not be fetched: connect ECONNREFUSED/)
  })
})
