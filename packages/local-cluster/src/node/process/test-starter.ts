import { startProcess } from './start.ts'

/** Run by process.test.ts as a process of its own, to be killed: starts a container that counts, and passes its output on. */
const dir = process.argv[2] ?? ''
await startProcess({
  dir,
  program: '/bin/sh',
  args: ['-c', 'i=0; while :; do echo $i; i=$((i+1)); sleep 0.05; done'],
  env: { PATH: process.env.PATH ?? '' },
  workingDir: dir,
  output: (_stream, chunk) => process.stdout.write(chunk),
})
