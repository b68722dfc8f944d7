import { isFile } from '../files.ts'
import type { Language } from '../plan.ts'

/** Any tree with a Procfile: runs as it is, on the programs of the machine. */
export const procfileLanguage: Language = {
  name: 'Procfile',
  detect: (dir) => isFile(dir, 'Procfile'),
  build: async () => ({ processes: null, missing: '', env: {}, dependencyDirs: [] }),
}
