import { glob, readFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { inflateRaw } from 'node:zlib'

const inflate = promisify(inflateRaw)
const PLACES = {
  maven: ['target/quarkus-app/quarkus-run.jar', 'target/*.jar', '*/target/*.jar', '*/*/target/*.jar'],
  gradle: ['build/quarkus-app/quarkus-run.jar', 'build/libs/*.jar', '*/build/libs/*.jar', '*/*/build/libs/*.jar'],
}
/** Jars beside the one that runs. */
const OTHERS =
  /(-sources|-javadoc|-tests?|-plain|-original)\.jar$|(^|\/)original-[^/]+\.jar$|(^|\/)(gradle|maven)-wrapper\.jar$/

/** The jar that can be started, relative to `dir`: the one that names a main class. Null where there is none. */
export async function findJar(dir: string, kind: keyof typeof PLACES): Promise<string | null> {
  const found: string[] = []
  for (const place of PLACES[kind]) for await (const name of glob(place, { cwd: dir })) found.push(name)
  const named = [...new Set(found)]
    .filter((name) => !OTHERS.test(name))
    .sort((a, b) => a.split('/').length - b.split('/').length || b.length - a.length)
  for (const name of named) if (await hasMainClass(path.join(dir, name))) return name
  return null
}

const END = 0x06054b50
const ENTRY = 0x02014b50

/** Reads META-INF/MANIFEST.MF of a zip. Reference: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
async function hasMainClass(file: string): Promise<boolean> {
  const zip = await readFile(file)
  let end = zip.length - 22
  while (end >= 0 && zip.readUInt32LE(end) !== END) end -= 1
  if (end < 0) return false
  let at = zip.readUInt32LE(end + 16)
  for (let left = zip.readUInt16LE(end + 10); left > 0 && zip.readUInt32LE(at) === ENTRY; left -= 1) {
    const nameLength = zip.readUInt16LE(at + 28)
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength)
    if (name === 'META-INF/MANIFEST.MF') {
      const local = zip.readUInt32LE(at + 42)
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
      const bytes = zip.subarray(start, start + zip.readUInt32LE(at + 20))
      const text = zip.readUInt16LE(at + 10) === 0 ? bytes : await inflate(bytes)
      return /^(Main-Class|Start-Class):/m.test(text.toString('utf8'))
    }
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32)
  }
  return false
}
