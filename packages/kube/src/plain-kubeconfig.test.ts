import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadCredentials } from './credentials.ts'
import { readPlainKubeconfig } from './plain-kubeconfig.ts'

const dir = mkdtempSync(join(tmpdir(), 'slipway-kubeconfig-'))
afterAll(() => rmSync(dir, { recursive: true }))

function kubeconfig(user: object, cluster: object = {}): string {
  const file = join(dir, 'kubeconfig')
  const config = {
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'one', user: 'me' } }],
    clusters: [{ name: 'one', cluster: { server: 'https://127.0.0.1:6443', ...cluster } }],
    users: [{ name: 'me', user }],
  }
  writeFileSync(file, JSON.stringify(config))
  return file
}

test('a server and a token are read as the library reads them', async () => {
  const file = kubeconfig({ token: 'hush' }, { 'certificate-authority-data': Buffer.from('PEM').toString('base64') })
  const plain = await readPlainKubeconfig(file)
  expect(await plain?.headers()).toEqual({ authorization: 'Bearer hush' })
  expect(plain).toMatchObject({ server: 'https://127.0.0.1:6443', proxyUrl: null, tls: { ca: Buffer.from('PEM') } })
})

test.each([
  ['a client certificate', { 'client-certificate-data': 'aGk=', 'client-key-data': 'aGk=' }, {}],
  ['an exec plugin', { exec: { command: 'aws' } }, {}],
  ['a proxy', { token: 'hush' }, { 'proxy-url': 'http://proxy:3128' }],
  ['TLS that is not checked', { token: 'hush' }, { 'insecure-skip-tls-verify': true }],
])('%s is left to the library', async (_name, user, cluster) => {
  expect(await readPlainKubeconfig(kubeconfig(user, cluster))).toBeNull()
})

test('what cannot be read is named', async () => {
  await expect(loadCredentials(join(dir, 'none'))).rejects.toThrow(/the kubeconfig .*none cannot be read/)
})
