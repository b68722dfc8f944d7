import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { benchAttack } from '../bench/attack.ts'
import { deployOnce } from '../bench/deployed.ts'
import { ATTACKS, KILLED } from './list.ts'
import { runTests } from './run-tests.ts'
import { drawScoreboard } from './scoreboard.ts'

const DOCUMENT = path.resolve(import.meta.dirname, '../../docs/security.md')
const [BEGIN, END] = ['<!-- scoreboard -->', '<!-- /scoreboard -->']

/** `npm run attacks [-- --write]`: tries everything, prints the scoreboard, and writes it into docs/security.md where asked. */
async function main(isWritten: boolean): Promise<void> {
  const note = (text: string) => process.stderr.write(`  … ${text}\n`)
  const files = new Set([...ATTACKS, ...KILLED].flatMap(({ tests }) => Object.keys(tests)))
  const runs = await runTests([...files])
  const deployed = await deployOnce()
  const load = await benchAttack(deployed, note).finally(() => deployed.remove())
  const { text, failed } = drawScoreboard(ATTACKS, KILLED, runs, load)
  console.log(text)
  if (isWritten) await intoDocument(text)
  if (failed.length > 0) throw new Error(`these did not hold:\n${failed.join('\n')}`)
}

async function intoDocument(text: string): Promise<void> {
  const document = await readFile(DOCUMENT, 'utf8')
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`${DOCUMENT} has no place for the scoreboard`)
  await writeFile(DOCUMENT, `${document.slice(0, begin + BEGIN.length)}\n\n${text}\n\n${document.slice(end)}`)
}

main(process.argv.includes('--write')).catch((error) => {
  process.stderr.write(`slipway: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
