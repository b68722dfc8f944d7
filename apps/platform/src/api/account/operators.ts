import { listOperatorNames } from '@slipway/db'
import { accountProcedure } from '../procedures.ts'

const NAMED = 5

/** Names of operators, for those who have to ask one. */
export const accountOperators = accountProcedure.query(({ ctx }): Promise<string[]> => listOperatorNames(ctx.db, NAMED))
