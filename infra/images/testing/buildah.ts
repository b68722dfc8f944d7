import { execFile, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { ROOT } from '../../repository.ts'
import { makeBase, whyNoBase } from './base.ts'

const run = promisify(execFile)

/** The stand-in for the public image that the Dockerfiles name. */
const BASE = 'localhost/node:slim'

/** Why images cannot be built and run here; null where they can. */
export function whyNoImages(): string | null {
  for (const program of ['buildah', 'runc'])
    if (spawnSync(program, ['--version']).status !== 0) return `${program} is not installed`
  return whyNoBase()
}

const imageSchema = z.object({
  OCIv1: z.object({
    config: z.object({
      User: z.string().default(''),
      Env: z.array(z.string()).default([]),
      Entrypoint: z.array(z.string()).default([]),
      Cmd: z.array(z.string()).default([]),
      WorkingDir: z.string().default('/'),
    }),
  }),
})
export type ImageConfig = z.infer<typeof imageSchema>['OCIv1']['config']

/** A storage of buildah's in a folder of its own. */
export interface ImageStore {
  /** Makes the base image, in some five seconds, where the store has none. */
  base(): Promise<void>
  /** Builds `infra/images/<app>`; resolves with the image's name, rejects with the build's last output. */
  build(app: string): Promise<string>
  config(image: string): Promise<ImageConfig>
  /** Bytes of all layers, and of those that the image adds to the base. */
  sizes(image: string): Promise<{ total: number; own: number }>
  /** The image's root file system in a folder of its own. */
  mount(image: string): Promise<string>
  /** Unmounts everything, so that the folder can be removed. */
  close(): Promise<void>
}

export function openStore(folder: string): ImageStore {
  const storage = ['--root', `${folder}/root`, '--runroot', `${folder}/run`, '--storage-driver', 'overlay']
  const buildah = async (...args: string[]) => {
    const { stdout } = await run('buildah', [...storage, ...args], { cwd: ROOT, maxBuffer: 2 ** 26 })
    return stdout.trim()
  }
  const size = async (image: string) => {
    const listed = z.array(z.object({ size: z.string() })).parse(JSON.parse(await buildah('images', '--json', image)))
    const [, number, unit = ''] = /^([\d.]+) ([KMG]?B)$/.exec(listed[0]?.size ?? '') ?? []
    return Number(number) * ({ KB: 1e3, MB: 1e6, GB: 1e9 }[unit] ?? 1)
  }
  return {
    async base() {
      if ((await buildah('images', '--quiet', '--filter', `reference=${BASE}`)) !== '') return
      const root = path.join(folder, 'base')
      makeBase(root)
      const container = await buildah('from', 'scratch')
      await buildah('copy', container, root, '/')
      await buildah('commit', '--quiet', '--rm', container, BASE)
    },
    async build(app) {
      const image = `localhost/slipway/${app}`
      const flags = ['--isolation', 'chroot', '--network', 'host', '--layers', '--pull-never', '--format', 'docker']
      const args = [
        '--build-arg',
        `NODE_IMAGE=${BASE}`,
        '--file',
        `infra/images/${app}/Dockerfile`,
        '--tag',
        image,
        '.',
      ]
      await buildah('build', ...flags, ...npmOfThisMachine(), ...args)
      return image
    },
    async config(image) {
      return imageSchema.parse(JSON.parse(await buildah('inspect', '--type', 'image', image))).OCIv1.config
    },
    async sizes(image) {
      const total = await size(image)
      return { total, own: total - (await size(BASE)) }
    },
    async mount(image) {
      return buildah('mount', await buildah('from', '--pull-never', image))
    },
    async close() {
      await buildah('rm', '--all')
    },
  }
}

/** npm in the build asks the registry that this machine's npm asks, and what is in its cache is not downloaded again. */
function npmOfThisMachine(): string[] {
  const shared = [
    [path.join(homedir(), '.npmrc'), '/root/.npmrc:ro'],
    [path.join(homedir(), '.npm'), '/root/.npm'],
  ]
  return shared.flatMap(([here = '', there]) => (existsSync(here) ? ['--volume', `${here}:${there}`] : []))
}
