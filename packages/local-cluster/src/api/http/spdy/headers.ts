import { constants, createDeflate, createInflate, type Deflate, type Inflate } from 'node:zlib'
import { dictionary } from './dictionary.ts'

const mostHeaders = 100
/** Of one block, unpacked. */
const mostBytes = 64 * 1024

/** Packs and unpacks blocks of headers. All blocks of one direction share their context, so they have to come in order. */
export class HeaderCoder {
  readonly #deflate: Deflate = createDeflate({ dictionary, flush: constants.Z_SYNC_FLUSH })
  readonly #inflate: Inflate = createInflate({ dictionary, flush: constants.Z_SYNC_FLUSH })

  /** @throws Error for what is no block of headers */
  async unpack(block: Buffer): Promise<Map<string, string>> {
    const bytes = await through(this.#inflate, block, mostBytes)
    let at = 0
    const number = () => {
      if (at + 4 > bytes.length) throw new Error('a block of headers ends too early')
      at += 4
      return bytes.readUInt32BE(at - 4)
    }
    const text = () => {
      const length = number()
      if (at + length > bytes.length) throw new Error('a block of headers ends too early')
      at += length
      return bytes.toString('utf8', at - length, at)
    }
    const count = number()
    if (count > mostHeaders) throw new Error('there are too many headers')
    const headers = new Map<string, string>()
    for (let index = 0; index < count; index += 1) headers.set(text().toLowerCase(), text())
    return headers
  }

  /** A block without headers. */
  packNothing(): Promise<Buffer> {
    return through(this.#deflate, Buffer.alloc(4), mostBytes)
  }

  close(): void {
    this.#deflate.destroy()
    this.#inflate.destroy()
  }
}

/** Everything that the coder makes of the block. */
function through(coder: Deflate | Inflate, block: Buffer, most: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    const onData = (chunk: Buffer) => {
      chunks.push(chunk)
      length += chunk.length
      if (length > most) coder.destroy(new Error('a block of headers is too long'))
    }
    const finish = (error: Error | null | undefined) => {
      coder.off('data', onData).off('error', finish)
      if (error) reject(error)
      else resolve(Buffer.concat(chunks))
    }
    coder.on('data', onData).once('error', finish)
    coder.write(block, (error) => setImmediate(finish, error))
  })
}
