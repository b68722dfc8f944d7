import { describe, expect, it } from 'vitest'
import { causeOf } from './index.ts'

const cause = (output: string, title = 'the tool', code = 1) => causeOf(output.split('\n'), { title, code }).cause

// What the tools printed, as they were run; shortened.
describe('the cause of a failure', () => {
  it.each<[string, string, string]>([
    [
      'npm: no such package',
      "npm error code E404\nnpm error 404 Not Found - GET https://registry.npmjs.org/left-padd - Not found\nnpm error 404\nnpm error 404  'left-padd@1.0.0' is not in this registry.\nnpm error 404",
      'npm could not find left-padd@1.0.0 in the registry',
    ],
    [
      'npm: no such version',
      'npm error code ETARGET\nnpm error notarget No matching version found for ms@99.0.0.\nnpm error notarget In most cases',
      'npm could not find a version for ms@99.0.0',
    ],
    [
      'npm: lockfile',
      "npm error code EUSAGE\nnpm error\nnpm error `npm ci` can only install packages when your package.json and package-lock.json are in sync.\nnpm error\nnpm error Invalid: lock file's ms@2.1.3 does not satisfy ms@2.1.2\nnpm error\nnpm error Clean install a project",
      "package-lock.json is not up to date with package.json (lock file's ms@2.1.3 does not satisfy ms@2.1.2)",
    ],
    [
      'npm: peers',
      'npm error code ERESOLVE\nnpm error ERESOLVE unable to resolve dependency tree\nnpm error\nnpm error While resolving: undefined@undefined\nnpm error Found: react@18.0.0\nnpm error node_modules/react\nnpm error\nnpm error Could not resolve dependency:\nnpm error peer react@"^19.0.0" from react-dom@19.0.0\nnpm error node_modules/react-dom',
      'npm found versions that exclude each other: react-dom@19.0.0 wants react@^19.0.0, and there is react@18.0.0',
    ],
    [
      'npm: network',
      'npm error code ENOTFOUND\nnpm error syscall getaddrinfo\nnpm error errno ENOTFOUND',
      'npm could not reach the registry (ENOTFOUND)',
    ],
    ['npm: script', 'npm error Missing script: "nope"\nnpm error', 'package.json has no script "nope"'],
    [
      "yarn: a dependency's script without a network",
      'error /app/node_modules/sqlite3: Command failed.\ngyp ERR! configure error\ngyp ERR! stack Error: This is most likely not a problem with node-gyp or the package itself and\ngyp ERR! stack is related to network connectivity. In most cases you are behind a proxy',
      'the install script of sqlite3 failed: it could not download what it compiles with',
    ],
    [
      'Bundler: a range of versions',
      'Your Ruby version is 3.1.2, but your Gemfile specified >= 3.2, < 4.0',
      'the Gemfile asks for Ruby >= 3.2, < 4.0 and this build has 3.1.2',
    ],
    [
      "yarn: a dependency's script",
      'info No lockfile found.\nerror /app/node_modules/node-sass: Command failed.\nExit code: 1\nCommand: node scripts/build.js\ngyp ERR! configure error\ngyp ERR! stack Error: Can\'t find Python executable "python2"\ngyp ERR! stack     at PythonFinder\ngyp ERR! not ok\nBuild failed with error code: 1',
      'the install script of node-sass failed: Can\'t find Python executable "python2"',
    ],
    [
      "npm: a dependency's script",
      'npm error code 1\nnpm error path /b/node_modules/@x/native\nnpm error command failed\nnpm error command sh -c node-gyp rebuild\nnpm error gyp info it worked if it ends with ok\nnpm error gyp ERR! find Python',
      'the install script of @x/native said: gyp ERR! find Python',
    ],
    [
      'pnpm: lockfile',
      ' ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with "frozen-lockfile" because pnpm-lock.yaml is not up to date with <ROOT>/package.json',
      'pnpm-lock.yaml is not up to date with package.json',
    ],
    [
      'pnpm: no such package',
      ' ERR_PNPM_FETCH_404  GET https://registry.npmjs.org/%40x%2Fleft-padd: Not Found - 404',
      'pnpm could not find @x/left-padd in the registry',
    ],
    [
      'yarn 1: no such package',
      'error Couldn\'t find package "left-padd@1.0.0" required by "x@1.0.0" on the "npm" registry.\ninfo Visit https://yarnpkg.com/en/docs/cli/install for documentation about this command.',
      'yarn could not find left-padd@1.0.0 in the registry',
    ],
    [
      'yarn 1: lockfile',
      'error Your lockfile needs to be updated, but yarn was run with `--frozen-lockfile`.',
      'yarn.lock is not up to date with package.json',
    ],
    [
      'yarn: network',
      '➤ YN0000: ┌ Resolution step\n➤ YN0001: │ RequestError: self-signed certificate in certificate chain\n    at ClientRequest.<anonymous> (yarn.js:147:14258)\n➤ YN0000: · Failed with errors in 0s 142ms',
      'yarn could not reach the registry (self-signed certificate in certificate chain)',
    ],
    [
      'yarn 4: lockfile',
      '➤ YN0028: │ The lockfile would have been modified by this install',
      'yarn.lock is not up to date with package.json',
    ],
    [
      'bun: lockfile',
      'error: lockfile had changes, but lockfile is frozen',
      'bun.lock is not up to date with package.json',
    ],
    [
      'bun: no such package',
      'error: GET https://registry.npmjs.org/left-padd - 404',
      'bun could not find left-padd in the registry',
    ],
    [
      'tsc',
      "src/a.ts(4,7): error TS2322: Type 'string' is not assignable to type 'number'.\nsrc/b.ts(1,1): error TS2304: Cannot find name 'x'.\nFound 2 errors.",
      "tsc found 2 errors, the first in src/a.ts:4: Type 'string' is not assignable to type 'number'",
    ],
    [
      'vite',
      '[vite]: Rollup failed to resolve import "y"\nerror during build:\nCould not resolve "./nope.js" from "src/main.js"',
      'src/main.js imports ./nope.js, which cannot be resolved',
    ],
    ['a command', 'sh: 1: webpackk: not found', 'the command webpackk is not installed'],
    [
      'pip: network',
      "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(': Failed to establish a new connection: [Errno -2] Name or service not known')': /simple/flask/\nERROR: Could not find a version that satisfies the requirement flask==3.0 (from versions: none)\nERROR: No matching distribution found for flask==3.0",
      'pip could not reach the package index',
    ],
    [
      'pip: no such package',
      'ERROR: Could not find a version that satisfies the requirement flaskk==3.0 (from versions: none)\nERROR: No matching distribution found for flaskk==3.0',
      'pip could not find flaskk==3.0',
    ],
    [
      'Python: module',
      'Traceback (most recent call last):\n  File "manage.py", line 3\nModuleNotFoundError: No module named \'django\'',
      'the Python module django is not installed',
    ],
    [
      'uv',
      'error: The lockfile at `uv.lock` needs to be updated, but `--locked` was provided.',
      'uv.lock is not up to date with pyproject.toml',
    ],
    [
      'go',
      '# x\n./main.go:2:15: undefined: foo',
      'the Go compiler found 1 error, the first in main.go:2: undefined: foo',
    ],
    [
      'go: network',
      'go: github.com/gorilla/mux@v1.8.0: Get "https://proxy.golang.org/x": dial tcp: lookup proxy.golang.org: no such host',
      'Go could not reach the module proxy for github.com/gorilla/mux@v1.8.0',
    ],
    [
      'Maven: javac',
      '[ERROR] COMPILATION ERROR : \n[ERROR] /b/src/main/java/App.java:[3,9] cannot find symbol\n[ERROR] /b/src/main/java/App.java:[3,9] cannot find symbol',
      'javac found 1 error, the first in src/main/java/App.java:3: cannot find symbol',
    ],
    [
      'Maven: network',
      '[ERROR] Plugin p could not be resolved: Could not transfer artifact org.a:b:pom:1 from/to central (https://repo.maven.apache.org/maven2): repo.maven.apache.org: Name or service not known: Unknown host repo.maven.apache.org',
      'Maven could not reach its repository for org.a:b:pom:1',
    ],
    [
      'Gradle',
      "FAILURE: Build failed with an exception.\n\n* What went wrong:\nTask 'stage' not found in root project 'shop'.\n\n* Try:",
      "Gradle: Task 'stage' not found in root project 'shop'",
    ],
    [
      'Bundler',
      "Could not find gem 'rakk' in rubygems repository https://rubygems.org/ or installed locally.",
      'Bundler could not find rakk',
    ],
    [
      'Composer: network',
      '  The "https://repo.packagist.org/packages.json" file could not be downloaded  \n  : php_network_getaddresses: getaddrinfo failed',
      'Composer could not reach repo.packagist.org',
    ],
  ])('%s', (_tool, output, expected) => {
    expect(cause(output)).toBe(expected)
  })

  it('is otherwise the line that looks most like an error', () => {
    const output =
      '> build\n> node b.js\n\n/b/b.js:1\nthrow new TypeError("no key")\n^\n\nTypeError: no key\n    at Object.<anonymous> (/b/b.js:1:7)\n\nNode.js v24.1.0\nnpm error Lifecycle script `build` failed with error:\nnpm error code 1'
    expect(cause(output, 'npm run build')).toBe('npm run build ended with code 1: TypeError: no key')
  })

  it('reads what terminals colour and overwrite', () => {
    expect(cause('\x1b[31mprogress 1%\rError: the disk melted\x1b[0m', 'make')).toBe(
      'make ended with code 1: the disk melted',
    )
  })

  it('names memory, and silence', () => {
    expect(cause('', 'npm ci', 137)).toBe('npm ci was killed, as happens when memory runs out without printing why')
    expect(cause('', 'make', 2)).toBe('make ended with code 2 without printing why')
  })

  it('is nothing to correct where the network is to blame', () => {
    const { action } = causeOf(['npm error code ENOTFOUND'], { title: 'npm ci', code: 1 })
    expect(action).toContain('Push again in a while')
    expect(causeOf(['npm error code ETARGET'], { title: 'npm ci', code: 1 }).action).toBeNull()
  })
})
