import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it } from 'vitest'

const MODULE = path.join(import.meta.dirname, 'first-password.ts')

it.skipIf(process.platform !== 'linux')('the first password leaves the environment once used', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'launcher-password-'))
  try {
    const text = `import { readFileSync } from 'node:fs'
      const { hideFirstPassword } = await import(${JSON.stringify(MODULE)})
      hideFirstPassword(${JSON.stringify(dir)})
      console.log(readFileSync('/proc/self/environ', 'latin1').replaceAll('\\0', '\\n'))`
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', text], {
      env: { PATH: process.env.PATH, NODE_ENV: 'test', SLIPWAY_ADMIN_PASSWORD: 'hush hush hush', SLIPWAY_PORT: '4500' },
      encoding: 'utf8',
    })
    const file = path.join(dir, 'first-password')
    expect(output).not.toContain('hush')
    expect(output).toContain(`SLIPWAY_ADMIN_PASSWORD_FILE=${file}`)
    expect(output).toContain('SLIPWAY_PORT=4500')
    expect(readFileSync(file, 'utf8')).toBe('hush hush hush')
    expect(statSync(file).mode & 0o777).toBe(0o600)
  } finally {
    rmSync(dir, { recursive: true })
  }
})
