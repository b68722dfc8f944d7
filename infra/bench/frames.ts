import { fetchApp } from '../../e2e/support/api.ts'
import type { WatchedPage } from './browser.ts'
import type { Deployed } from './deployed.ts'
import { quantile, type Row } from './row.ts'

const LINES_A_SECOND = 10_000
const SECONDS = 8
/** Until the stream is under way, and of its end. */
const EDGE_MS = 1500

/** In the page, as text: the times between its frames for so long, in ms. */
const frames = (ms: number) => `new Promise((resolve) => {
  const times = []
  let last = performance.now()
  const end = last + ${ms}
  const frame = () => {
    const now = performance.now()
    times.push(now - last)
    last = now
    if (now < end) requestAnimationFrame(frame)
    else resolve(times)
  }
  requestAnimationFrame(frame)
})`

/** How smooth the page of an app's log stays while lines pour in: the time between two frames, software rendering. */
export async function frameRows(
  { appUrl }: Deployed,
  { page }: WatchedPage,
  say: (text: string) => void,
): Promise<Row[]> {
  say(`frames at ${LINES_A_SECOND} lines a second`)
  const measured = SECONDS * 1000 - 2 * EDGE_MS
  const idle = await page.evaluate<number[]>(frames(measured))
  await fetchApp(appUrl, `/flood/${LINES_A_SECOND}/${SECONDS}`)
  await page.waitForTimeout(EDGE_MS)
  const flooded = await page.evaluate<number[]>(frames(measured))
  return [
    {
      what: `p95 of a frame of the log page at ${LINES_A_SECOND.toLocaleString('en')} lines a second`,
      unit: 'ms',
      samples: [quantile(flooded, 0.95)],
      baseline: 'the same page, nothing comes',
      baselineSamples: [quantile(idle, 0.95)],
    },
  ]
}
