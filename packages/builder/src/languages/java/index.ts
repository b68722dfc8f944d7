import { chmod } from 'node:fs/promises'
import path from 'node:path'
import { openRoot } from '../../detect-root.ts'
import { wantedVersion } from '../../detect-versions.ts'
import { BuildFailure } from '../../failure.ts'
import { isFile, readText } from '../../files.ts'
import type { Build, BuildContext } from '../../plan.ts'
import { shell } from '../../procfile.ts'
import { outputOf, requireProgram, runTool, warnOfVersion } from '../../tool.ts'
import { findJar } from './jar.ts'
import { type JavaProject, readProject } from './project.ts'

/**
 * Java and Kotlin apps, by Maven or Gradle; a wrapper in the source goes before what is installed.
 * Reference: https://devcenter.heroku.com/articles/java-support
 */
export const buildJava: Build = async (context) => {
  const { dir, log } = context
  const project = await readProject(dir)
  if (context.procfile === null && project.start === null) throw unknownStart(project)
  await requireProgram(context, 'java', 'Java', 'a JDK, such as openjdk-17-jdk-headless')
  await requireProgram(context, 'javac', 'JDK', 'a JDK, such as openjdk-17-jdk-headless')
  const version = /"([\d._]+)/.exec((await outputOf(context, 'java', ['-version'])) ?? '')?.[1] ?? null
  const { command, title } = await toolOf(context, project)
  log.step(`Using Java ${version} and ${title}`)
  await checkVersion(context, version)
  await build(context, project, command)
  return {
    processes: context.procfile === null ? [{ name: 'web', kind: 'web', command: await startOf(dir, project) }] : [],
    env: { JAVA_TOOL_OPTIONS: '-XX:MaxRAMPercentage=70 -Dfile.encoding=UTF-8' },
    top: dir,
    workingDir: '',
    isDependency: () => false,
    isSpare: (name) =>
      /(^|\/)(\.gradle|target\/(classes|test-classes|maven-[a-z]+|generated-[a-z-]+|surefire-reports)|build\/(classes|tmp|reports|generated|test-results|kotlin))$|(^|\/)target\/[^/]+\.jar\.original$/.test(
        name,
      ),
    tools: [],
    runtime: { language: 'java', version, layer: null },
  }
}

function unknownStart({ file }: JavaProject): BuildFailure {
  return new BuildFailure(
    `Slipway does not know how to start this app: ${file} makes no jar that can be run.`,
    'Add spring-boot, a main class of the jar (Maven: maven-jar-plugin or maven-shade-plugin; Gradle: the application plugin) or a Procfile such as "web: java -cp target/classes Main", and push again.',
  )
}

async function toolOf(
  context: BuildContext,
  { kind, wrapper }: JavaProject,
): Promise<{ command: string; title: string }> {
  if (wrapper !== null) {
    const file = path.join(context.dir, wrapper)
    await chmod(file, 0o755)
    return { command: file, title: wrapper }
  }
  if (kind === 'maven') return { command: await requireProgram(context, 'mvn', 'Maven', 'maven'), title: 'Maven' }
  return { command: await requireProgram(context, 'gradle', 'Gradle', 'gradle'), title: 'Gradle' }
}

async function checkVersion({ dir, log }: BuildContext, version: string | null): Promise<void> {
  const wanted = await wantedVersion('java', openRoot({ files: [], read: (name) => readText(dir, name) }, ''))
  const here = Number.parseInt(version?.replace(/^1\./, '') ?? '', 10)
  if (wanted === null || Number.isNaN(here) || here === Number(wanted.version)) return
  if (here < Number(wanted.version)) {
    throw new BuildFailure(
      `${wanted.file} asks for Java ${wanted.asked}; this build has ${version}, which is older.`,
      'Ask for an older Java if the source allows it, or add a Dockerfile, and push again.',
    )
  }
  // A newer compiler makes programs for older releases: that is no other version than asked for.
  if (/^(system\.properties|\.java-version|\.tool-versions)$/.test(wanted.file)) {
    warnOfVersion(log, { ...wanted, title: 'Java', used: version ?? '' })
  }
}

async function build(context: BuildContext, project: JavaProject, command: string): Promise<void> {
  const title = path.basename(command)
  const args =
    project.kind === 'maven'
      ? ['-B', '-DskipTests', 'package']
      : ['--no-daemon', '--console=plain', ...project.tasks, '-x', 'test']
  context.log.step(`Building (${title} ${args.join(' ')})`)
  const repository = `-Dmaven.repo.local=${path.join(context.cacheDir, 'm2')}`
  await runTool(context, {
    command,
    args,
    // Maven takes the first that it is given; the source's own .mvn/maven.config goes before this.
    env:
      project.kind === 'maven'
        ? {
            MAVEN_OPTS: `${context.env.MAVEN_OPTS ?? ''} ${repository}`.trim(),
            MAVEN_USER_HOME: path.join(context.cacheDir, 'maven'),
          }
        : {},
    title: `${title} ${args.join(' ')}`,
    what: 'The build',
  })
}

async function startOf(dir: string, { start, kind }: JavaProject): Promise<string[]> {
  if (start === 'script') {
    const name = /rootProject\.name\s*=\s*['"]([^'"]+)/.exec(
      `${await readText(dir, 'settings.gradle')}\n${await readText(dir, 'settings.gradle.kts')}`,
    )?.[1]
    const script = `build/install/${name ?? path.basename(dir)}/bin/${name ?? path.basename(dir)}`
    if (await isFile(dir, script)) return [script]
  }
  const jar = await findJar(dir, kind)
  if (jar === null) {
    throw new BuildFailure(
      `The build produced no jar with a main class in ${kind === 'maven' ? 'target' : 'build/libs'}/.`,
      'Name the main class in the build file, or add a Procfile, and push again.',
    )
  }
  const properties =
    start === 'spring'
      ? '-Dserver.port=$PORT '
      : start === 'quarkus'
        ? '-Dquarkus.http.host=0.0.0.0 -Dquarkus.http.port=$PORT '
        : start === 'micronaut'
          ? '-Dmicronaut.server.port=$PORT '
          : ''
  return shell(`exec java ${properties}$JAVA_OPTS -jar ${jar}`)
}
