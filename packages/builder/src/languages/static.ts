import path from 'node:path'
import { SITE_DIRS } from '../detect-language.ts'
import { BuildFailure } from '../failure.ts'
import { isFile } from '../files.ts'
import type { Build } from '../plan.ts'
import { siteResult } from './static-site.ts'

/** Sites: an index.html, at the top or in public/ and the like. */
export const buildStatic: Build = async (context) => {
  for (const folder of SITE_DIRS) {
    if (!(await isFile(context.dir, `${folder}index.html`))) continue
    context.log.step(`Serving ${folder === '' ? 'the whole tree' : folder} with sirv`)
    return siteResult(context, path.join(context.dir, folder), false)
  }
  throw new BuildFailure('The site has no index.html.', 'Add one at the top, and push again.')
}
