/** `$(NAME)` becomes the variable's value, `$$(NAME)` stays `$(NAME)`, unknown names stay as they are. */
export function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$(\$|\(([^()]*)\))/g, (whole, kind: string, name: string | undefined) => {
    if (kind === '$') return '$'
    return name === undefined ? whole : (env[name] ?? whole)
  })
}
