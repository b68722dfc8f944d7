import { StringDecoder } from 'node:string_decoder'

/** Splits a stream of logs into lines, the last one also without its newline. Longer lines are cut at `maxLength` characters. */
export async function* readLogLines(stream: AsyncIterable<Uint8Array>, maxLength: number): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of stream) {
    const lines = (rest + decoder.write(Buffer.from(chunk))).split('\n')
    rest = (lines.pop() ?? '').slice(0, maxLength)
    for (const line of lines) yield line.length > maxLength ? line.slice(0, maxLength) : line
  }
  if (rest !== '') yield rest
}

/**
 * Splits a byte stream into lines, without their ends; what is left after the last newline is not a line.
 * @throws Error when a line is longer than `maxBytes`
 */
export async function* readLines(stream: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of stream) {
    const lines = (rest + decoder.write(Buffer.from(chunk))).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > maxBytes) throw new Error(`a line is longer than ${maxBytes} bytes`)
    yield* lines
  }
}
