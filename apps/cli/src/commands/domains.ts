import type { AppView, DomainView } from '@slipway/domain'
import type { Command } from 'commander'
import { describeCertificate } from '../certificate.ts'
import { answer, type Io, paint, say, table } from '../io.ts'
import { type Runtime, withApp } from '../runtime.ts'

function stateOf(io: Io, { proof, refusal, generated }: DomainView): string {
  if (proof !== null) return paint(io, 'yellow', 'not verified')
  if (refusal !== null) return paint(io, 'red', 'refused')
  return generated ? 'generated' : paint(io, 'green', 'active')
}

function listDomains(io: Io, domains: readonly DomainView[], nowMs: number): void {
  if (domains.length === 0) say(io, 'No domains yet. Add one with "slipway domains add shop.example.com".')
  const rows = domains.map((domain) => [
    domain.hostname,
    stateOf(io, domain),
    domain.proof === null ? domain.url : '',
    domain.certificate === null ? '' : describeCertificate(io, domain.certificate, nowMs),
  ])
  if (domains.length > 0) table(io, ['DOMAIN', 'STATE', 'ADDRESS', 'CERTIFICATE'], rows)
  for (const domain of domains) explain(io, domain)
}

/** What is to be done about a domain that does not lead to the app yet. */
function explain(io: Io, { hostname, proof, refusal }: DomainView): void {
  if (refusal !== null) say(io, `\n${hostname}: Kubernetes refuses it: ${refusal}`)
  if (proof === null) return
  say(io, `\n${hostname} is not verified yet. Prove that it is yours: add this TXT record to its DNS.`)
  say(io, `  Name   ${proof.name}`)
  say(io, `  Value  ${proof.value}`)
  if (proof.problem !== null) say(io, proof.problem)
  say(io, `Then: slipway domains check ${hostname}`)
}

function showChanged(io: Io, app: AppView, hostname: string): void {
  const domain = app.domains.find((each) => each.hostname === hostname.toLowerCase())
  if (domain === undefined) return
  if (domain.proof === null && domain.refusal === null)
    say(io, `${domain.hostname} routes to ${app.ref.app}: ${domain.url}`)
  explain(io, domain)
}

export function registerDomains(program: Command, runtime: Runtime): void {
  const { io } = runtime
  const domains = program.command('domains').description('Host names of an app')
  domains
    .command('list', { isDefault: true })
    .description('List domains, their state and the DNS records they need')
    .action((_options: object, command: Command) =>
      withApp(runtime, command, async ({ api }, ref) => {
        const app = await api.app.get.query(ref)
        answer(io, app.domains, (list) => listDomains(io, list, runtime.nowMs()))
      }),
    )
  domains
    .command('add <hostname>')
    .description('Add a host name to the app')
    .action((hostname: string, _options: object, command: Command) =>
      withApp(runtime, command, async ({ api }, ref) => {
        const app = await api.domain.add.mutate({ ...ref, hostname })
        answer(io, app.domains, () => showChanged(io, app, hostname))
      }),
    )
  domains
    .command('check <hostname>')
    .description('Check the TXT record that proves a host name is yours')
    .action((hostname: string, _options: object, command: Command) =>
      withApp(runtime, command, async ({ api }, ref) => {
        const app = await api.domain.check.mutate({ ...ref, hostname })
        answer(io, app.domains, () => showChanged(io, app, hostname))
      }),
    )
  domains
    .command('remove <hostname>')
    .description('Remove a host name from the app')
    .action((hostname: string, _options: object, command: Command) =>
      withApp(runtime, command, async ({ api }, ref) => {
        const app = await api.domain.remove.mutate({ ...ref, hostname })
        answer(io, app.domains, () => say(io, `${hostname} no longer routes to ${ref.app}.`))
      }),
    )
}
