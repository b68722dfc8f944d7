import type { Build } from '../plan.ts'

/** Any tree with a Procfile: runs as it is, on the programs of the machine. */
export const buildProcfile: Build = async ({ dir, log }) => {
  log.line('Nothing to install or build')
  return {
    processes: [],
    env: {},
    top: dir,
    workingDir: '',
    isDependency: () => false,
    tools: [],
    runtime: { language: 'procfile', version: null, layer: null },
  }
}
