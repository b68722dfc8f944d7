import { createWorkTree } from '../src/testing/git-client.ts'
import type { TestPlatform } from '../src/testing/start.ts'
import { waitFor } from '../src/testing/wait.ts'

/** Creates an app, pushes these files to it and waits until it is healthy. */
export async function deployApp(
  platform: TestPlatform,
  app: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const ref = { ...platform.environment, app }
  await platform.api().app.create.mutate({ ...ref, source: { kind: 'git' } })
  const tree = await createWorkTree(files)
  const push = await tree.git('push', platform.gitUrl(app), 'main')
  await tree.remove()
  if (push.exitCode !== 0) throw new Error(push.output)
  await waitFor(`${app} to be healthy`, async () => {
    const { health } = await platform.api().app.get.query(ref)
    return health.status === 'Healthy'
  })
}
