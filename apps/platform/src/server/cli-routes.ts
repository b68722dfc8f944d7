import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { AppError } from '@slipway/domain'
import type { FastifyInstance } from 'fastify'

/** Made by apps/cli/scripts/pack.mjs: at the first `npm start`, and in the image. */
const PACKAGE = fileURLToPath(new URL('../../../cli/dist/slipway-cli.tgz', import.meta.url))

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/** What `curl -fsSL <Slipway>/cli | sh` runs: POSIX sh, whole in one function, so that half a script does nothing. */
function installScript(publicUrl: string): string {
  return `#!/bin/sh
# Installs the command line of this Slipway for the present user. Needs Node 22 or newer, curl and tar.
set -eu
install_slipway() {
  url=${quoted(publicUrl)}
  fail() { echo "slipway: $1" >&2; exit 1; }
  for tool in node curl tar; do command -v "$tool" >/dev/null || fail "$tool was not found. Install it and run this again."; done
  [ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 22')" = true ] || fail "Node 22 or newer is needed, and this is $(node --version)."
  if [ "$(id -u)" = 0 ]; then home=/usr/local/lib/slipway-cli bin=/usr/local/bin
  else home="\${XDG_DATA_HOME:-$HOME/.local/share}/slipway-cli" bin="$HOME/.local/bin"; fi
  home=\${SLIPWAY_CLI_DIR:-$home} bin=\${SLIPWAY_BIN_DIR:-$bin}
  mkdir -p "$bin" "$(dirname "$home")"
  fresh=$(mktemp -d "$home.XXXXXX")
  trap 'rm -rf "$fresh"' EXIT
  curl -fsSL "$url/cli/slipway.tgz" -o "$fresh/slipway.tgz" || fail "$url/cli/slipway.tgz could not be fetched."
  tar -xzf "$fresh/slipway.tgz" -C "$fresh"
  chmod -R go+rX "$fresh/package"
  rm -rf "$home"
  mv "$fresh/package" "$home"
  ln -sf "$home/bin/slipway.js" "$bin/slipway"
  echo "Installed slipway $("$bin/slipway" --version) in $bin."
  case ":$PATH:" in *":$bin:"*) ;; *) echo "Add it to your PATH:  export PATH=\\"$bin:\\$PATH\\"" ;; esac
  echo "Sign in with:  slipway login --url $url"
}
install_slipway
`
}

/** `/cli` installs the command line, `/cli/slipway.tgz` is its npm package: both of this very version. */
export function addCliRoutes(server: FastifyInstance, publicUrl: () => string): void {
  server.get('/cli', (_request, reply) =>
    reply
      .type('text/x-shellscript; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(installScript(publicUrl())),
  )
  server.get('/cli/slipway.tgz', async (_request, reply) => {
    const found = await stat(PACKAGE).catch(() => null)
    if (found === null)
      throw new AppError(
        'unavailable',
        'The command line package is not ready yet. Try again in a minute, or run "node apps/cli/scripts/pack.mjs" in Slipway’s repository.',
      )
    return reply
      .type('application/gzip')
      .header('content-length', found.size)
      .header('cache-control', 'no-cache')
      .send(createReadStream(PACKAGE))
  })
}
