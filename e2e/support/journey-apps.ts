import { existsSync, readFileSync } from 'node:fs'

/** One small app a way to build, none of which downloads anything. Each answers `/` with its name. */
type Files = Readonly<Record<string, string | Buffer>>

const nodeServer = (greeting: string) => `
const http = require('node:http')
console.log('starting ' + process.env.SOURCE_VERSION)
http.createServer((request, response) => {
  if (request.url === '/env') return response.end(JSON.stringify(process.env))
  response.end(${JSON.stringify(greeting)} + ' ' + (process.env.GREETING || 'nobody'))
}).listen(process.env.PORT, '0.0.0.0', () => console.log('listening'))
process.on('SIGTERM', () => process.exit(0))
`

export const NODE = (greeting: string): Files => ({
  'package.json': JSON.stringify({ name: 'journey', version: '1.0.0', scripts: { start: 'node server.js' } }),
  'server.js': nodeServer(greeting),
})

export const STATIC: Files = { 'index.html': '<!doctype html><title>static</title><h1>static site</h1>' }

export const PYTHON: Files = {
  'requirements.txt': '',
  'app.py': `import os
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"python app")

HTTPServer(("0.0.0.0", int(os.environ["PORT"])), Handler).serve_forever()
`,
}

export const GO: Files = {
  'go.mod': 'module journey\n\ngo 1.19\n',
  'main.go': `package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "go app") })
	http.ListenAndServe(":"+os.Getenv("PORT"), nil)
}
`,
}

const JAVA_MAIN = `import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;

public class Main {
  public static void main(String[] args) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress("0.0.0.0", Integer.parseInt(System.getenv("PORT"))), 0);
    server.createContext("/", exchange -> {
      byte[] body = "java app".getBytes();
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.start();
  }
}
`

const plugin = (name: string, version: string, configuration = '') =>
  `<plugin><artifactId>maven-${name}-plugin</artifactId><version>${version}</version>${configuration}</plugin>`
const MANIFEST = '<configuration><archive><manifest><mainClass>Main</mainClass></manifest></archive></configuration>'

/** Maven with the plugins of Debian 12's own repository: nothing comes from Maven Central. */
export const JAVA: Files = {
  'pom.xml': `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>dev.slipway</groupId>
  <artifactId>journey</artifactId>
  <version>1.0</version>
  <packaging>jar</packaging>
  <properties>
    <maven.compiler.source>17</maven.compiler.source>
    <maven.compiler.target>17</maven.compiler.target>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <build>
    <plugins>
      ${plugin('resources', '3.3.0')}
      ${plugin('compiler', '3.10.1')}
      ${plugin('surefire', '2.22.3')}
      ${plugin('jar', '3.3.0', MANIFEST)}
    </plugins>
  </build>
</project>
`,
  '.mvn/maven.config': '-s\nsettings.xml\n',
  'settings.xml': `<settings>
  <mirrors><mirror><id>debian</id><mirrorOf>*</mirrorOf><url>file:///usr/share/maven-repo</url></mirror></mirrors>
</settings>
`,
  'src/main/java/Main.java': JAVA_MAIN,
}

const BUSYBOX = '/bin/busybox'
export const HAS_BUSYBOX = existsSync(BUSYBOX)

/** From scratch, with the machine's own static busybox: no base image is pulled. Fails where .dockerignore is not followed. */
export const dockerfile = (): Files => ({
  Dockerfile: `FROM scratch
COPY --chmod=755 busybox /bin/busybox
COPY . /source/
RUN ["/bin/busybox", "test", "!", "-e", "/source/secret.txt"]
RUN ["/bin/busybox", "sh", "-c", "/bin/busybox mkdir -p /www && /bin/busybox echo dockerfile app > /www/index.html"]
CMD ["/bin/busybox", "sh", "-c", "exec /bin/busybox httpd -f -p $PORT -h /www"]
`,
  '.dockerignore': 'secret.txt\n',
  'secret.txt': 'not in the image',
  busybox: readFileSync(BUSYBOX),
})

export const FAILS_AT_START: Files = {
  'package.json': JSON.stringify({ name: 'journey', version: '1.0.0', scripts: { start: 'node server.js' } }),
  'server.js': `console.error('Error: DATABASE_URL is not set'); process.exit(7)`,
}

export const SLOW_BUILD: Files = {
  'package.json': JSON.stringify({
    name: 'journey',
    version: '1.0.0',
    scripts: { start: 'node server.js', build: 'node build.js' },
  }),
  'server.js': nodeServer('slow'),
  'build.js': `let n = 0; setInterval(() => console.log('tick ' + ++n), 200); setTimeout(() => process.exit(0), 120_000)`,
}
