import { expect, type Locator, type Page } from '@playwright/test'
import { type Permission, type Role, roleAllows } from '@slipway/domain'
import { pathOf, refOf, test } from './support/fixtures.ts'
import { addMember, pageOf, settled } from './support/rights.ts'

const ROLES: readonly Role[] = ['viewer', 'developer', 'admin']
const personOf = (role: Role) => ({ email: `${role}@example.com`, password: 'correct horse battery' })
const APP = 'image'

test.beforeAll(async ({ slipway }) => {
  const { api, url } = slipway
  for (const role of ROLES) await addMember(api, url, personOf(role), role)
  await api.app.create.mutate({ ...refOf(APP), source: { kind: 'image', image: 'acme.invalid/nothing:1' } })
  await api.config.update.mutate({ ...refOf(APP), set: { KEY: 'value' }, unset: [] })
  await api.domain.add.mutate({ ...refOf(APP), hostname: 'image.example.com' })
})
test.afterAll(async ({ slipway }) => {
  for (const role of ROLES) await slipway.api.member.remove.mutate({ team: 'acme', email: personOf(role).email })
  await slipway.clear()
})

interface Control {
  permission: Permission
  find: (page: Page) => Locator
}

const button = (permission: Permission, name: string | RegExp): Control => ({
  permission,
  find: (page) => page.getByRole('main').getByRole('button', { name }).first(),
})
const link = (permission: Permission, name: string): Control => ({
  permission,
  find: (page) => page.getByRole('main').getByRole('link', { name }).first(),
})

/** Who cannot scale sees the numbers with steppers that are off. */
const MORE_INSTANCES: Control = {
  permission: 'app.scale',
  find: (page) => page.getByRole('button', { name: 'Instances of web: more', disabled: false }),
}

interface Visit {
  path: string
  /** What stands on the page once it has loaded, whatever the role. */
  loaded: string | RegExp
  controls?: readonly Control[]
  /** Without it, the page says what is missing and who can. */
  needs?: Permission
}

const VISITS: readonly Visit[] = [
  { path: '/', loaded: APP },
  { path: '/new', loaded: 'New app', needs: 'app.create', controls: [button('app.create', 'Create app')] },
  { path: '/acme', loaded: 'Shop', controls: [button('project.create', 'New project')] },
  {
    path: '/acme/shop',
    loaded: APP,
    controls: [button('environment.create', 'New environment'), link('app.create', 'New app')],
  },
  {
    path: '/acme/shop/settings',
    loaded: 'Environments',
    controls: [button('environment.delete', 'Delete production'), button('project.delete', 'Delete project')],
  },
  { path: '/acme/settings', loaded: 'Address', controls: [button('team.update', 'Save')] },
  {
    path: '/acme/settings/members',
    loaded: 'viewer@example.com',
    controls: [button('member.manage', 'Create invitation'), button('member.manage', 'Remove viewer')],
  },
  {
    path: '/acme/settings/quota',
    loaded: 'The team’s quota',
    controls: [button('quota.manage', 'Set quota'), button('quota.manage', 'Allocate to shop production')],
  },
  {
    path: '/acme/settings/registries',
    loaded: 'Registries',
    needs: 'registry.read',
    controls: [button('registry.manage', 'Add registry')],
  },
  { path: '/acme/settings/audit', loaded: 'Audit', needs: 'audit.read' },
  { path: pathOf(APP), loaded: /is failing/, controls: [button('app.deploy', 'Deploy image')] },
  { path: pathOf(APP, 'releases'), loaded: 'v1' },
  { path: pathOf(APP, 'builds'), loaded: 'No builds yet' },
  { path: pathOf(APP, 'logs'), loaded: /No lines|Opening/ },
  { path: pathOf(APP, 'processes'), loaded: 'Instances', controls: [MORE_INSTANCES] },
  {
    path: pathOf(APP, 'config'),
    loaded: 'KEY',
    controls: [
      button('config.reveal', 'Reveal KEY'),
      button('config.write', 'Edit KEY'),
      button('config.write', 'Paste .env'),
    ],
  },
  {
    path: pathOf(APP, 'networking'),
    loaded: /image\.example\.com/,
    controls: [button('app.deploy', 'Add domain'), button('app.deploy', 'Remove image.example.com')],
  },
  {
    path: pathOf(APP, 'settings'),
    loaded: 'Build and deploy',
    controls: [
      button('app.update', 'Clear build cache'),
      button('webhook.manage', 'Connect repository'),
      button('app.delete', 'Delete app'),
    ],
  },
]

/** What the platform refused because of the role while pages loaded. */
function refusalsOn(page: Page): string[] {
  const refused: string[] = []
  page.on('response', async (response) => {
    if (!response.url().includes('/trpc/')) return
    const text = await response.text().catch(() => '')
    if (text.includes('"appCode":"forbidden"')) refused.push(new URL(response.url()).pathname)
  })
  return refused
}

for (const role of ROLES) {
  test(`viewer (19): the role ${role} is offered what it can do and nothing else, page by page`, async ({
    browser,
    slipway,
  }) => {
    const page = await pageOf(browser, slipway.url, personOf(role))
    const refused = refusalsOn(page)
    for (const { path, loaded, controls = [], needs } of VISITS) {
      await page.goto(path)
      await settled(page)
      await expect(page.getByRole('main').getByText(loaded).first(), path).toBeVisible()
      const isBarred = needs !== undefined && !roleAllows(role, needs)
      if (isBarred) await expect(page.getByText(/Your role in this team is .* can /), `${path}: who can`).toBeVisible()
      for (const { permission, find } of controls)
        await expect(find(page), `${path}: ${permission}`).toBeVisible({
          visible: !isBarred && roleAllows(role, permission),
        })
    }
    await page.goto('/admin')
    await expect(page.getByText(/Only operators of this installation can see it: ada\./i)).toBeVisible()
    expect(refused, 'asked for by a page and refused').toEqual([])
    await page.context().close()
  })
}
