// Builds the console's pages where their sources have changed. The launcher runs it while the other parts start.
import { buildConsole, toolsOf } from './lib/prepare.mjs'
import { fail } from './lib/steps.mjs'

await buildConsole(toolsOf(process.execPath)).catch((error) => fail(error.message))
