import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  buildSettingsPatchSchema,
  buildSettingsSchema,
  effectiveSettings,
  slipwayFileSchema,
} from './build-settings.ts'
import { registryHostSchema } from './names.ts'
import { describeSetting, describeSlipwayFile, settingsOfBuilder } from './settings-words.ts'

const DEFAULTS = buildSettingsSchema.parse({})

describe('settings of an app', () => {
  it('leave what a patch does not name as it is', () => {
    expect(buildSettingsPatchSchema.parse({})).toEqual({})
    expect(buildSettingsPatchSchema.parse({ rootDirectory: './apps/web/' })).toEqual({ rootDirectory: 'apps/web' })
  })

  it.each([
    [{ rootDirectory: '../other' }, 'inside the repository'],
    [{ dockerfile: '' }, 'Name the Dockerfile'],
    [{ dockerfileTarget: 'not a stage' }, 'Name a stage'],
    [{ buildVars: ['*'] }, 'Name a config var'],
    [{ buildArgs: { 'NOT-A-NAME': 'x' } }, ''],
  ])('refuse %o', (patch, words) => {
    const { error } = buildSettingsPatchSchema.safeParse(patch)
    expect(error?.issues[0]?.message).toContain(words)
  })

  it('are told in words, those of the Dockerfile only where one may be built', () => {
    expect(describeSetting('rootDirectory', DEFAULTS, null)).toBe('top of the repository')
    expect(describeSetting('deployBranch', DEFAULTS, null)).toBe('chosen by the first push')
    expect(describeSetting('buildArgs', { ...DEFAULTS, buildArgs: { A: '1', B: '2' } }, null)).toBe('A=1, B=2')
    expect(settingsOfBuilder('native')).not.toContain('dockerfile')
    expect(settingsOfBuilder('dockerfile')).not.toContain('spaFallback')
  })
})

describe('slipway.yaml', () => {
  it('wins over the settings, and says in words what it sets', () => {
    const file = slipwayFileSchema.parse({ build: { builder: 'dockerfile', vars: ['SENTRY_DSN'] } })
    expect(effectiveSettings(DEFAULTS, file)).toMatchObject({ builder: 'dockerfile', buildVars: ['SENTRY_DSN'] })
    expect(describeSlipwayFile(file)).toEqual({ builder: 'Dockerfile', buildVars: 'SENTRY_DSN' })
    expect(describeSlipwayFile({})).toEqual({})
  })

  it('has the JSON schema that docs/slipway-yaml.schema.json holds', async () => {
    const schema = {
      $id: 'https://slipway.dev/slipway-yaml.schema.json',
      title: 'slipway.yaml',
      ...z.toJSONSchema(slipwayFileSchema, { io: 'input' }),
    }
    // As the formatter of the repository writes it: short lists on one line.
    const text = JSON.stringify(schema, null, 2).replace(
      /\[\s+([^[\]{}]+?)\s+\]/g,
      (_, items: string) => `[${items.replace(/\s+/g, ' ')}]`,
    )
    await expect(`${text}\n`).toMatchFileSnapshot('../../../docs/slipway-yaml.schema.json')
  })
})

describe('host of a registry', () => {
  it.each([
    ['GHCR.io', 'ghcr.io'],
    ['https://registry.example.com:5000/v2/', 'registry.example.com:5000'],
    ['https://index.docker.io/v1/', 'docker.io'],
    ['localhost:5000', 'localhost:5000'],
  ])('%s is %s', (given, host) => expect(registryHostSchema.parse(given)).toBe(host))

  it.each(['ghcr', 'ghcr.io/acme', 'a b.example', ''])('%s is none', (given) => {
    expect(registryHostSchema.safeParse(given).success).toBe(false)
  })
})
