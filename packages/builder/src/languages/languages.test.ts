import { execFileSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toolEnvironment } from '../env.ts'
import { createHarness, type Harness } from '../testing/harness.ts'
import { findProgram } from '../tool.ts'

let harness: Harness
beforeAll(async () => {
  harness = await createHarness()
})
afterAll(() => harness.close())

const text = async (url: string) => (await fetch(url)).text()

const here = async (...names: string[]) => {
  const found = await Promise.all(names.map((name) => findProgram(toolEnvironment(process.env), name)))
  return found.every((file) => file !== null)
}
/** CI has every program; elsewhere a test without its program is skipped. */
const isMissing = async (...names: string[]) => !process.env.CI && !(await here(...names))

const missing = {
  go: await isMissing('go'),
  java: await isMissing('mvn', 'java', 'javac'),
  ruby: await isMissing('ruby', 'bundle'),
  php: await isMissing('php', 'composer'),
}

// Without net/http, which takes long to compile.
const GO_SERVER = `package main

import (
	"net"
	"os"
)

func main() {
	listener, _ := net.Listen("tcp", ":"+os.Getenv("PORT"))
	for {
		connection, _ := listener.Accept()
		connection.Read(make([]byte, 4096))
		connection.Write([]byte("HTTP/1.1 200 OK\\r\\nContent-Length: 8\\r\\nConnection: close\\r\\n\\r\\nhello go"))
		connection.Close()
	}
}
`

describe('Go', () => {
  it.skipIf(missing.go)(
    'builds one command of a module whose go.mod is above the root directory',
    async () => {
      const tree = {
        'go.mod': 'module example.com/shop\n\ngo 1.19\n',
        'text/text.go': 'package text\n\nconst Greeting = "hello"\n',
        'other/main.go': 'package main\n\nfunc main() {}\n',
        'web/serve.go': GO_SERVER.replace('import (', 'import (\n\t_ "example.com/shop/text"'),
      }
      const { built, image } = await harness.build(tree, { settings: { rootDirectory: 'web' } })
      const command = built.processes[0]?.command ?? []
      expect(await text(await harness.start(image, command))).toBe('hello go')
    },
    120_000,
  )

  it.skipIf(missing.go)(
    'builds all commands and starts the one that is a server',
    async () => {
      const { built, image, lines } = await harness.build({
        'go.mod': 'module example.com/shop\n\ngo 1.19\n',
        'cmd/server/main.go': GO_SERVER,
        'cmd/tool/main.go': 'package main\n\nfunc main() {}\n',
      })
      expect(lines).toContain('-----> Building server, tool (go build)')
      expect(built.processes[0]?.command).toEqual(['./bin/server'])
      expect(await text(await harness.start(image))).toBe('hello go')
    },
    180_000,
  )

  it('refuses commands that are all alike before anything is built', async () => {
    const { said } = await harness.failure({
      'go.mod': 'module example.com/shop\n',
      'cmd/a/main.go': 'package main\n',
      'cmd/b/main.go': 'package main\n',
    })
    expect(said).toMatch(/2 commands \(cmd\/a, cmd\/b\).*web: bin\/a/)
  })
})

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>example</groupId><artifactId>shop</artifactId><version>1</version>
<properties><maven.compiler.source>17</maven.compiler.source><maven.compiler.target>17</maven.compiler.target></properties>
<build><plugins><plugin><artifactId>maven-jar-plugin</artifactId><version>3.3.0</version>
<configuration><archive><manifest><mainClass>App</mainClass></manifest></archive></configuration></plugin></plugins></build>
</project>`
const JAVA_SERVER = `import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;

public class App {
  public static void main(String[] args) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress(Integer.parseInt(System.getenv("PORT"))), 0);
    server.createContext("/", exchange -> {
      byte[] body = "hello java".getBytes();
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.start();
  }
}
`

describe('Java', () => {
  it.skipIf(missing.java)(
    'builds with Maven and finds the jar that runs',
    async () => {
      const { built, image } = await harness.build({
        'pom.xml': POM,
        // Debian's own repository of Maven's plugins: nothing is downloaded.
        '.mvn/maven.config': '-o\n-Dmaven.repo.local=/usr/share/maven-repo\n',
        'src/main/java/App.java': JAVA_SERVER,
      })
      expect(built.processes[0]?.command.at(-1)).toBe('exec java $JAVA_OPTS -jar target/shop-1.jar')
      expect(await text(await harness.start(image))).toBe('hello java')
    },
    180_000,
  )

  it('refuses what makes no jar that can be started', async () => {
    const { said } = await harness.failure({ 'pom.xml': '<project></project>' })
    expect(said).toMatch(/pom\.xml makes no jar that can be run/)
  })

  it.skipIf(missing.java)('says before the build that its Java is too old', async () => {
    const { said } = await harness.failure({ 'pom.xml': POM.replaceAll('>17<', '>99<') })
    expect(said).toMatch(/pom\.xml asks for Java 99; this build has 1\d\.\S+, which is older/)
  })
})

describe('Ruby', () => {
  it.skipIf(missing.ruby)(
    'installs with Bundler and starts what is there',
    async () => {
      const { image } = await harness.build({
        Gemfile: "source 'https://rubygems.org'\n",
        'app.rb': `require 'socket'
server = TCPServer.new('0.0.0.0', ENV['PORT'].to_i)
loop do
  client = server.accept
  client.gets
  client.print "HTTP/1.1 200 OK\\r\\nContent-Length: 10\\r\\nConnection: close\\r\\n\\r\\nhello ruby"
  client.close
end
`,
      })
      expect(await text(await harness.start(image))).toBe('hello ruby')
    },
    120_000,
  )

  it('refuses what cannot be started', async () => {
    expect((await harness.failure({ Gemfile: '' })).said).toMatch(/does not know how to start this Ruby app/)
  })
})

describe('PHP', () => {
  it.skipIf(missing.php)(
    'serves public/ through its front controller, and no hidden file',
    async () => {
      const { image } = await harness.build({
        'composer.json': '{"require":{"php":">=8.1"}}',
        'public/index.php':
          '<?php require __DIR__ . "/../vendor/autoload.php"; echo "hello " . $_SERVER["REQUEST_URI"];',
        'public/style.css': 'b{}',
        'public/.env': 'SECRET=1',
      })
      const url = await harness.start(image)
      expect(await text(`${url}/a/b?c=1`)).toBe('hello /a/b?c=1')
      expect(await text(`${url}/style.css`)).toBe('b{}')
      expect((await fetch(`${url}/.env`)).status).toBe(404)
    },
    120_000,
  )
})

const PYTHON_SERVER = `import os, http.server
import greeting

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(greeting.TEXT.encode())

http.server.HTTPServer(('', int(os.environ['PORT'])), Handler).serve_forever()
`
const METADATA = 'Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n'
const WHEEL = 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n'

/** A wheel with one module and one program: there is no package index for tests. */
async function makeWheel(): Promise<Buffer> {
  const dir = path.join(harness.dir, 'wheel')
  const info = path.join(dir, 'greeting-1.0.dist-info')
  await mkdir(info, { recursive: true })
  await writeFile(path.join(dir, 'greeting.py'), "TEXT = 'hello python'\ndef main():\n    print(TEXT)\n")
  await writeFile(path.join(info, 'METADATA'), METADATA)
  await writeFile(path.join(info, 'WHEEL'), WHEEL)
  await writeFile(path.join(info, 'RECORD'), '')
  await writeFile(path.join(info, 'entry_points.txt'), '[console_scripts]\ngreet = greeting:main\n')
  execFileSync(
    'python3',
    ['-m', 'zipfile', '-c', '../greeting-1.0-py3-none-any.whl', 'greeting.py', 'greeting-1.0.dist-info/'],
    { cwd: dir },
  )
  return readFile(path.join(harness.dir, 'greeting-1.0-py3-none-any.whl'))
}

describe('Python', () => {
  it('installs with pip, and what it installs runs on another Python, too', async () => {
    const wheel = 'wheels/greeting-1.0-py3-none-any.whl'
    const files = { 'requirements.txt': `./${wheel}\n`, 'main.py': PYTHON_SERVER, [wheel]: await makeWheel() }
    const { image } = await harness.build(files)
    expect(await text(await harness.start(image))).toBe('hello python')
    const program = await readFile(path.join(image.rootDir, 'app/.slipway/python/bin/greet'), 'utf8')
    expect(program.split('\n')[0]).toBe('#!/usr/bin/env python3')
  })

  it('answers a version that it does not have with one line', async () => {
    const { lines } = await harness.build({ 'requirements.txt': '', '.python-version': '2.6\n', 'main.py': '' })
    expect(lines).toContainEqual(
      expect.stringMatching(/^ ! {5}\.python-version asks for Python 2\.6; this build runs on 3\.\S+\.$/),
    )
  })

  it('names the index that cannot be reached', async () => {
    const env = { PIP_INDEX_URL: 'http://127.0.0.1:9/simple', PIP_RETRIES: '1' }
    const { said } = await harness.failure({ 'requirements.txt': 'flask==3.0\n', 'main.py': '' }, { env })
    expect(said).toMatch(/^Installing the dependencies failed: pip could not reach the package index\./)
  })
})

describe('a toolchain that is missing is said before anything is installed', () => {
  it.each<[string, Record<string, string>, RegExp]>([
    [
      'Go',
      { 'go.mod': 'module x', 'main.go': 'package main' },
      /no Go where this build runs: the program "go".*install golang-go/,
    ],
    ['Java', { 'pom.xml': POM }, /no Java where this build runs.*openjdk/],
    ['Ruby', { Gemfile: '', 'config.ru': '' }, /no Ruby where this build runs.*install ruby/],
    ['Ruby with a Procfile', { Gemfile: '', Procfile: 'web: bundle exec puma' }, /no Ruby where this build runs/],
    ['PHP', { 'index.php': '' }, /no PHP where this build runs.*php-cli.*or add a Dockerfile/],
    ['Python', { 'requirements.txt': 'x', 'main.py': '' }, /no Python where this build runs.*python3 with pip/],
  ])('%s', async (_what, files, expected) => {
    const { said, lines } = await harness.failure(files, { env: { PATH: '/nowhere' } })
    expect(said).toMatch(expected)
    expect(lines.join('\n')).not.toContain('Installing')
  })
})
