import { acceptClaim, getClaim, noteUnproven } from '@slipway/db'
import { type AppView, checkDomainInput, proofName, proofValue } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { changedAppView } from '../views/app.ts'

/** Asks DNS for the record that proves whose a host name is; where it is there, the host leads to the app from now on. One that does already is fine. */
export const domainCheck = appProcedure('app.deploy')
  .input(checkDomainInput)
  .mutation(async ({ ctx, input }): Promise<AppView> => {
    const { app, role } = ctx.scope
    const before = await changedAppView(ctx, app.id, role)
    if (before.domains.some(({ hostname, proof }) => hostname === input.hostname && proof === null)) return before
    const claim = await getClaim(ctx.db, app.id, input.hostname)
    const name = proofName(claim.hostname)
    const found = await ctx.ports.dns.txt(name)
    if (found.includes(proofValue(claim.token))) await acceptClaim(ctx.db, claim, ctx.caller)
    else await noteUnproven(ctx.db, claim, problemOf(name, found), ctx.now())
    return changedAppView(ctx, app.id, role)
  })

function problemOf(name: string, found: readonly string[]): string {
  return found.length === 0
    ? `DNS has no TXT record ${name} yet. A new one may take minutes to be seen.`
    : `The TXT record ${name} holds something else. Add the value shown beside what is there.`
}
