/** Where a build's lines go, in the manner of Heroku's buildpacks. */
export interface BuildLog {
  /** `-----> Installing dependencies` */
  step(title: string): void
  /** Output of a tool, indented below its step. */
  line(text: string): void
  /** ` !     …`, for what somebody should read. */
  warning(text: string): void
}

const MAX_LINE_CHARS = 4_000

/**
 * Formats lines and stops after `maxChars`: a tool that prints without end must not fill a disk.
 * @param write receives whole lines without their ends
 */
export function createBuildLog(write: (line: string) => void, maxChars = 8 * 1024 * 1024): BuildLog {
  let written = 0
  const put = (line: string, always = false) => {
    const cut = line.length > MAX_LINE_CHARS ? `${line.slice(0, MAX_LINE_CHARS)}…` : line
    if (written <= maxChars || always) write(cut)
    const before = written
    written += cut.length + 1
    if (before <= maxChars && written > maxChars) write(' !     The output is too long; the rest of it is left out.')
  }
  return {
    step: (title) => put(`-----> ${title}`, true),
    line: (text) => put(`       ${text}`),
    warning: (text) => put(` !     ${text}`, true),
  }
}
