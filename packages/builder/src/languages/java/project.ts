import { glob } from 'node:fs/promises'
import { BuildFailure } from '../../failure.ts'
import { isFile, readText } from '../../files.ts'

/** How what a build makes is started: as a jar with settings of its framework, or by Gradle's start script. */
export type JavaStart = 'spring' | 'quarkus' | 'micronaut' | 'jar' | 'script'

export interface JavaProject {
  kind: 'maven' | 'gradle'
  /** The build file. */
  file: string
  wrapper: string | null
  /** Gradle's tasks. */
  tasks: string[]
  /** Null: what the build file makes cannot be run by itself. */
  start: JavaStart | null
}

const GRADLE_FILES = ['build.gradle', 'build.gradle.kts', 'settings.gradle', 'settings.gradle.kts']

/** Reads what the build files say of the result; a few words are enough, and no tool is started. */
export async function readProject(dir: string): Promise<JavaProject> {
  const isMaven = await isFile(dir, 'pom.xml')
  const texts: string[] = []
  const pattern = isMaven
    ? ['pom.xml', '*/pom.xml', '*/*/pom.xml']
    : ['*.gradle', '*.gradle.kts', '*/build.gradle', '*/build.gradle.kts', '*/*/build.gradle', '*/*/build.gradle.kts']
  for await (const name of glob(pattern, { cwd: dir })) texts.push((await readText(dir, name)) ?? '')
  const text = texts.join('\n')
  if (isMaven) {
    // A wrapper without its properties cannot start.
    const hasWrapper = (await isFile(dir, 'mvnw')) && (await isFile(dir, '.mvn/wrapper/maven-wrapper.properties'))
    return { kind: 'maven', file: 'pom.xml', wrapper: hasWrapper ? 'mvnw' : null, tasks: [], start: mavenStart(text) }
  }
  let file: string | undefined
  for (const name of GRADLE_FILES) if (file === undefined && (await isFile(dir, name))) file = name
  if (file === undefined)
    throw new BuildFailure(
      'There is a wrapper of Maven or Gradle, but no build file.',
      'Add pom.xml or build.gradle, and push again.',
    )
  const hasWrapper = (await isFile(dir, 'gradlew')) && (await isFile(dir, 'gradle/wrapper/gradle-wrapper.properties'))
  const start = gradleStart(text)
  return { kind: 'gradle', file, wrapper: hasWrapper ? 'gradlew' : null, tasks: gradleTasks(text, start), start }
}

function mavenStart(text: string): JavaStart | null {
  if (/quarkus-maven-plugin/.test(text)) return 'quarkus'
  if (/spring-boot-maven-plugin/.test(text)) return 'spring'
  if (/micronaut/.test(text)) return 'micronaut'
  return /<(mainClass|Main-Class|main-class)>/.test(text) ? 'jar' : null
}

function gradleStart(text: string): JavaStart | null {
  if (/io\.quarkus/.test(text)) return 'quarkus'
  if (/org\.springframework\.boot/.test(text)) return 'spring'
  if (/io\.micronaut/.test(text)) return 'micronaut'
  if (
    /\bid\s*\(?['"]application['"]|^\s*application\s*$|apply plugin:\s*['"]application['"]|io\.ktor\.plugin/m.test(text)
  )
    return 'script'
  return /Main-Class|shadow(Jar)?/.test(text) ? 'jar' : null
}

function gradleTasks(text: string, start: JavaStart | null): string[] {
  if (/\btask\s+stage\b|register\(['"]stage['"]/.test(text)) return ['stage']
  return start === 'script' ? ['installDist'] : ['build']
}
