import { buildSettingsSchema } from '@slipway/domain'
import { describe, expect, it } from 'vitest'
import { settingsToSet, settingsToUnset } from './settings.ts'

const present = buildSettingsSchema.parse({ buildArgs: { A: '1' } })

describe('settings on the command line', () => {
  it('are KEY=VALUE, and leave the others alone', () => {
    expect(
      settingsToSet(present, [
        ['root', 'apps/web'],
        ['builder', 'Dockerfile'],
        ['arg.B', '2=2'],
        ['vars', 'NEXT_PUBLIC_*, SENTRY_DSN'],
        ['spaFallback', 'off'],
        ['start-timeout', '180'],
        ['branch', 'main'],
      ]),
    ).toEqual({
      settings: {
        rootDirectory: 'apps/web',
        builder: 'dockerfile',
        buildArgs: { A: '1', B: '2=2' },
        buildVars: ['NEXT_PUBLIC_*', 'SENTRY_DSN'],
        spaFallback: false,
        startTimeout: 180,
      },
      deployBranch: 'main',
    })
  })

  it('go back to their defaults', () => {
    expect(settingsToUnset(present, ['root', 'arg.A', 'branch', 'spaFallback', 'startTimeout'])).toEqual({
      settings: { rootDirectory: '', buildArgs: {}, spaFallback: null, startTimeout: 120 },
      deployBranch: null,
    })
  })

  it.each([
    ['colour', 'blue', 'There is no setting colour. Settings are: root, branch'],
    ['builder', 'make', 'Builders are: automatic, native, dockerfile, buildpacks.'],
    ['spaFallback', 'maybe', 'on, off or auto'],
    ['startTimeout', '2m', 'a number of seconds'],
  ])('refuse %s=%s in words', (name, value, words) => {
    expect(() => settingsToSet(present, [[name, value]])).toThrow(words)
  })

  it('refuse to unset what is not there', () => {
    expect(() => settingsToUnset(present, ['arg.NOPE'])).toThrow('NOPE is not set')
    expect(() => settingsToUnset(present, ['colour'])).toThrow('There is no setting colour')
  })
})
