/** What the terminal shows while Slipway starts, runs and stops. */
export interface Reporter {
  /** Runs one named step and prints how long it took. Rejects as `work` does. */
  step<T>(title: string, work: () => Promise<T>): Promise<T>
  line(text: string): void
}

const seconds = (startedAt: number) => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`

/** Prints plain lines: several steps run at once, and the output may be a file. */
export function createReporter(write: (text: string) => void = (text) => process.stdout.write(text)): Reporter {
  const line = (text: string) => write(`${text}\n`)
  return {
    line,
    async step(title, work) {
      const startedAt = performance.now()
      line(`  … ${title}`)
      try {
        const result = await work()
        line(`  ✓ ${title} (${seconds(startedAt)})`)
        return result
      } catch (error) {
        line(`  ✗ ${title} (${seconds(startedAt)})`)
        throw error
      }
    },
  }
}
