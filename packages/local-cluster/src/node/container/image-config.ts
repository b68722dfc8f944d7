import { join } from 'node:path'
import type { Container } from '../../types/container.ts'
import type { RunnableImage } from '../options.ts'
import type { Mount } from '../volumes/mounts.ts'

/** Directories of the image's own for which the pod mounts nothing: new ones for each attempt, as containerd makes them. */
export function imageVolumes(container: Container, image: RunnableImage, dir: string): Mount[] {
  const mounted = (container.volumeMounts ?? []).map((mount) => mount.mountPath.replace(/\/+$/, ''))
  return (image.config.Volumes ?? [])
    .filter((path) => !mounted.some((each) => path === each || path.startsWith(`${each}/`)))
    .map((target, index) => ({
      name: 'image',
      source: join(dir, 'volumes', String(index)),
      target,
      readOnly: false,
      isFile: false,
    }))
}

/** `SLIPWAY_DATA_DIR`: where the first directory of the image's data is, as its program sees it. */
export function dataVariable(
  image: RunnableImage,
  mounts: readonly Mount[],
  sandboxed: boolean,
): Record<string, string> {
  const [first] = image.config.Volumes ?? []
  if (first === undefined) return {}
  if (sandboxed) return { SLIPWAY_DATA_DIR: first }
  const mount = mounts.findLast(({ target }) => first === target || first.startsWith(`${target}/`))
  return mount === undefined ? {} : { SLIPWAY_DATA_DIR: join(mount.source, first.slice(mount.target.length)) }
}

/** Ports that the image names, where the container itself names none. */
export function exposedPorts(container: Container, image: RunnableImage): number[] {
  return container.ports === undefined || container.ports.length === 0 ? (image.config.ExposedPorts ?? []) : []
}
