import type { Command } from 'commander'
import type { Runtime } from '../runtime.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof SHELLS)[number]

/** "apps create" → the words that may follow: subcommands and long options. */
function wordsByPath(program: Command): Map<string, string[]> {
  const found = new Map<string, string[]>()
  const globals = program.options.flatMap(({ long }) => long ?? [])
  const visit = (command: Command, path: string[]) => {
    const options = command.options.filter(({ hidden }) => !hidden).flatMap(({ long }) => long ?? [])
    const names = command.commands.map((each) => each.name())
    found.set(path.join(' '), [...names, ...new Set([...options, ...globals, '--help'])])
    for (const each of command.commands) visit(each, [...path, each.name()])
  }
  visit(program, [])
  return found
}

/** A case of a shell's `case`: names of commands are plain words, so nothing needs quoting. */
function cases(words: Map<string, string[]>): string {
  return [...words].map(([path, next]) => `    "${path}") words="${next.join(' ')}" ;;`).join('\n')
}

const SCRIPTS: Record<Shell, (words: Map<string, string[]>) => string> = {
  bash: (words) => `# eval "$(slipway completion bash)"
_slipway() {
  local path="" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac; done
  case "$path" in
${cases(words)}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _slipway slipway
`,
  zsh: (words) => `# eval "$(slipway completion zsh)"
_slipway() {
  local at="" word words_=""
  for word in "\${(@)words[2,CURRENT-1]}"; do case "$word" in -*) ;; *) at="\${at:+$at }$word" ;; esac; done
  case "$at" in
${cases(words).replaceAll(' words="', ' words_="')}
  esac
  compadd -- \${=words_}
}
compdef _slipway slipway
`,
  fish: (words) =>
    `# slipway completion fish | source
${[...words]
  .map(([path, next]) => {
    const condition =
      path === '' ? '__fish_use_subcommand' : `test (string join " " (commandline -opc)[2..]) = "${path}"`
    return `complete -c slipway -f -n '${condition}' -a '${next.join(' ')}'`
  })
  .join('\n')}
`,
}

/** `slipway completion`: what a shell offers on Tab, made from the commands themselves. */
export function registerCompletion(program: Command, runtime: Runtime): void {
  program
    .command('completion')
    .description('Print a script for the shell: eval "$(slipway completion bash)"')
    .addArgument(program.createArgument('<shell>', 'bash, zsh or fish').choices(SHELLS))
    .action((shell: Shell) => void runtime.io.stdout.write(SCRIPTS[shell](wordsByPath(program))))
}
