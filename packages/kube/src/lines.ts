import { StringDecoder } from 'node:string_decoder'

/**
 * Splits a byte stream into lines, without their ends.
 * @throws Error when a line is longer than `maxBytes`; what is left after the last newline is not a line and is given only
 * with `keepRest`.
 */
export async function* readLines(
  stream: AsyncIterable<Uint8Array>,
  maxBytes: number,
  keepRest = false,
): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of stream) {
    const lines = (rest + decoder.write(Buffer.from(chunk))).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > maxBytes) throw new Error(`a line is longer than ${maxBytes} bytes`)
    yield* lines
  }
  if (keepRest && rest !== '') yield rest
}
