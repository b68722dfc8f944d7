import type { Command } from 'commander'
import { readCredentials } from '../credentials.ts'
import type { Runtime } from '../runtime.ts'
import { isSameInstallation } from '../url.ts'

/** What git writes to a credential helper: one `key=value` a line. https://git-scm.com/docs/git-credential#IOFMT */
function fieldsOf(text: string): Map<string, string> {
  return new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const at = line.indexOf('=')
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)]] : []
    }),
  )
}

const INPUT_MAX_BYTES = 64 * 1024

async function readInput(runtime: Runtime): Promise<string> {
  let text = ''
  for await (const chunk of runtime.io.stdin) {
    text += String(chunk)
    if (text.length > INPUT_MAX_BYTES) break
  }
  return text
}

/**
 * Answers git's question for a password with the token of the installation that it is about, and with nothing for any other host: git then
 * asks the next helper. `store` and `erase` are not ours: `slipway login` and `logout` do that.
 */
async function answerGit(runtime: Runtime, operation: string): Promise<void> {
  if (operation !== 'get') return
  const fields = fieldsOf(await readInput(runtime))
  const origin = `${fields.get('protocol')}://${fields.get('host')}`
  if (!/^https?$/.test(fields.get('protocol') ?? '') || !URL.canParse(origin)) return
  const { installations } = await readCredentials(runtime.env.configDir)
  const found = Object.entries(installations).find(([url]) => isSameInstallation(url, origin))
  if (found) runtime.io.stdout.write(`username=slipway\npassword=${found[1].token}\n`)
}

/** `slipway git-credential`: the helper that `slipway apps create` and `slipway deploy .` set up in a repository. */
export function registerGitCredential(program: Command, runtime: Runtime): void {
  program
    .command('git-credential <operation>')
    .description('Credential helper of git; for "git config credential.<address>.helper"')
    .action((operation: string) => answerGit(runtime, operation))
}
