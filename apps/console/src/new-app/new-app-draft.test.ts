import { describe, expect, it } from 'vitest'
import { createInputOf, EMPTY_DRAFT, newAppErrors, suggestedName, withChange } from './new-app-draft.ts'

const place = { team: 'acme', project: 'shop', environment: 'production' }
const repository = { ...EMPTY_DRAFT.repository, repositoryUrl: 'https://github.com/acme/My.Shop.git' }

describe('the form of a new app', () => {
  it('suggests a name, until somebody types one', () => {
    const named = withChange(withChange(EMPTY_DRAFT, { kind: 'image' }), {
      image: 'ghcr.io/acme/shop_front:1.2@sha256:0',
    })
    expect(named.app).toBe('shop-front')
    expect(withChange(named, { kind: 'repository', repository }).app).toBe('my-shop')
    const typed = withChange(named, { app: 'mine' })
    expect(withChange(typed, { image: 'nginx' }).app).toBe('mine')
    expect(
      suggestedName({ ...EMPTY_DRAFT, kind: 'repository', repository: { ...repository, repositoryUrl: 'https://' } }),
    ).toBe('')
  })

  it('gives settings of the build to what is built only', () => {
    const draft = { ...EMPTY_DRAFT, app: 'web', rootDirectory: 'apps/web' }
    expect(createInputOf(place, draft).settings).toEqual({ rootDirectory: 'apps/web', builder: 'automatic' })
    const image = createInputOf(place, { ...draft, kind: 'image', image: 'nginx', size: 'small' })
    expect(image).toMatchObject({ settings: {}, source: { kind: 'image', size: 'small' } })
  })

  it('names what is wrong, the repository’s fields too', () => {
    const draft = { ...EMPTY_DRAFT, kind: 'repository', app: 'web', rootDirectory: '../x' } as const
    expect(Object.keys(newAppErrors(place, draft)).sort()).toEqual([
      'repository.repositoryUrl',
      'settings.rootDirectory',
    ])
    expect(newAppErrors(place, { ...draft, repository, rootDirectory: '' })).toEqual({})
  })
})
