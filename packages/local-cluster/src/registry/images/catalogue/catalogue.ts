import { createHash } from 'node:crypto'
import { readdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { isExecutable } from '../../../types/programs.ts'
import type { ImageReference } from '../reference.ts'
import type { StoredImage } from '../stored-image.ts'

/** A well-known image that this machine's own program stands for. */
interface Program {
  /** Names of the image on Docker Hub. */
  images: readonly string[]
  /** Any of these programs will do. */
  programs: readonly string[]
  /** Where else than on PATH it may be; `*` stands for a version. */
  elsewhere?: readonly string[]
  /** Script beside this file that prepares and starts the program; without one the arguments are the command. */
  script?: string
  /** Arguments where the container has none. */
  arguments: readonly string[]
  env?: readonly string[]
  /** Where it listens where the container names no port. */
  port?: number
  /** Directories that the image keeps its data in. */
  volumes?: readonly string[]
  /** How to get it. */
  install: string
}

/**
 * The catalogue. Any tag means the version that is installed. Servers listen where PORT says, which the node sets to the host
 * port of the declared one. docs/local-cluster.md lists it for people.
 */
const PROGRAMS: readonly Program[] = [
  {
    images: ['node'],
    programs: ['node'],
    script: 'node.sh',
    arguments: ['node'],
    install: 'install Node.js from nodejs.org',
  },
  {
    images: ['python'],
    programs: ['python3', 'python'],
    arguments: ['python3'],
    install: install('python3', 'python'),
  },
  {
    images: ['busybox'],
    programs: ['busybox', 'sh'],
    arguments: ['sh'],
    install: install('busybox', 'busybox'),
  },
  {
    images: ['nginx'],
    programs: ['nginx'],
    elsewhere: ['/usr/sbin', '/opt/homebrew/bin'],
    script: 'nginx.sh',
    port: 80,
    arguments: ['nginx', '-g', 'daemon off;'],
    install: install('nginx', 'nginx'),
  },
  {
    images: ['redis', 'valkey/valkey'],
    programs: ['redis-server', 'valkey-server'],
    script: 'redis.sh',
    port: 6379,
    arguments: ['redis-server'],
    volumes: ['/data'],
    install: install('redis-server', 'redis'),
  },
  {
    images: ['postgres'],
    programs: ['postgres'],
    elsewhere: ['/usr/lib/postgresql/*/bin', '/usr/pgsql-*/bin', '/opt/homebrew/opt/postgresql@*/bin'],
    script: 'postgres.sh',
    port: 5432,
    arguments: ['postgres'],
    env: ['PGDATA=/var/lib/postgresql/data'],
    volumes: ['/var/lib/postgresql/data'],
    install: install('postgresql', 'postgresql@18'),
  },
  {
    images: ['mysql', 'mariadb'],
    programs: ['mysqld', 'mariadbd'],
    elsewhere: ['/usr/sbin', '/opt/homebrew/opt/mysql/bin'],
    script: 'mysql.sh',
    port: 3306,
    arguments: ['mysqld'],
    volumes: ['/var/lib/mysql'],
    install: install('mariadb-server', 'mysql'),
  },
]

function install(debian: string, brew: string): string {
  return `on Debian and Ubuntu "apt install ${debian}", on macOS "brew install ${brew}"`
}

const HUB_HOSTS = new Set([null, 'docker.io', 'index.docker.io', 'registry-1.docker.io'])

export type CatalogueAnswer = { image: StoredImage } | { missing: string }

/**
 * The image that a program of this machine stands for; how to get that program where it is not installed; null for images
 * that are not in the catalogue.
 * @param path directories of programs, as in `PATH`
 */
export function findInCatalogue(reference: ImageReference, path: string): CatalogueAnswer | null {
  const name = reference.name.replace(/^library\//, '')
  const entry = HUB_HOSTS.has(reference.host) ? PROGRAMS.find(({ images }) => images.includes(name)) : undefined
  if (entry === undefined) return null
  const directories = [...path.split(':'), ...(entry.elsewhere ?? []).flatMap(versions)]
  const program = entry.programs
    .flatMap((each) => directories.map((directory) => join(directory, each)))
    .find(isExecutable)
  if (program === undefined) {
    const wanted = entry.programs[0] ?? ''
    const missing = `the local cluster runs ${name} as this machine's own ${wanted}, which is not installed: ${entry.install}, then the image is tried again by itself`
    return { missing }
  }
  const script = entry.script === undefined ? [] : ['/bin/sh', join(import.meta.dirname, entry.script)]
  return {
    image: {
      digest: `sha256:${createHash('sha256')
        .update(`${name} ${realpathSync(program)}`)
        .digest('hex')}`,
      rootDir: '/',
      root: 'program',
      places: entry.script === undefined ? [] : [import.meta.dirname],
      config: {
        Entrypoint: script,
        Cmd: [...entry.arguments],
        Env: [...(entry.env ?? []), `SLIPWAY_PROGRAM=${program}`],
        Volumes: [...(entry.volumes ?? [])],
        ...(entry.port === undefined ? {} : { ExposedPorts: [entry.port] }),
      },
    },
  }
}

/** Directories that a pattern with one `*` stands for, the highest version first. */
function versions(pattern: string): string[] {
  const match = /^(.*\/)([^/]*)\*([^/]*)(\/.*)$/.exec(pattern)
  if (match === null) return [pattern]
  const [, parent = '', before = '', after = '', rest = ''] = match
  try {
    return readdirSync(parent)
      .filter((name) => name.startsWith(before) && name.endsWith(after))
      .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
      .map((name) => join(parent, name, rest))
  } catch {
    return [] // No such directory here: the program is not in it.
  }
}
