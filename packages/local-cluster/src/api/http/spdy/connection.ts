import { Duplex } from 'node:stream'
import { HeaderCoder } from './headers.ts'

/** Types of control frames, and flags. Reference: SPDY Protocol, draft 3.1, 2.2 and 2.6. */
const frames = { synStream: 1, synReply: 2, reset: 3, ping: 6, goAway: 7 }
const fin = 1
const mostFrameBytes = 1024 * 1024
const mostStreams = 1_000
const writtenAtOnceBytes = 32 * 1024

type Send = (data: Buffer, last: boolean, done: () => void) => void

/** One stream of a connection. */
export class SpdyStream extends Duplex {
  readonly id: number
  readonly headers: ReadonlyMap<string, string>
  readonly #send: Send

  constructor(id: number, headers: ReadonlyMap<string, string>, send: Send) {
    super({ allowHalfOpen: true })
    this.id = id
    this.headers = headers
    this.#send = send
  }

  override _read(): void {
    // What is not taken stays in memory: the protocol's clients keep no windows, and frames of other streams must not wait.
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    for (let at = 0; at < chunk.length; at += writtenAtOnceBytes) {
      const part = chunk.subarray(at, at + writtenAtOnceBytes)
      this.#send(part, false, at + writtenAtOnceBytes >= chunk.length ? () => done() : () => undefined)
    }
    if (chunk.length === 0) done()
  }

  override _final(done: (error?: Error) => void): void {
    this.#send(Buffer.alloc(0), true, () => done())
  }
}

/**
 * The server's side of SPDY/3.1 as clients of Kubernetes speak it: many streams, opened by the client, without windows or priorities.
 * A frame that makes no sense ends the connection.
 */
export class SpdyConnection {
  readonly #socket: Duplex
  readonly #coder = new HeaderCoder()
  readonly #streams = new Map<number, SpdyStream>()
  readonly #onStream: (stream: SpdyStream) => void

  constructor(socket: Duplex, onStream: (stream: SpdyStream) => void) {
    this.#socket = socket
    this.#onStream = onStream
    socket.once('close', () => {
      this.#coder.close()
      for (const stream of this.#streams.values()) stream.destroy()
    })
  }

  /** Reads until the connection ends. @param head what came with the request */
  async run(head: Buffer): Promise<void> {
    let rest = head
    try {
      rest = await this.#take(rest)
      for await (const chunk of this.#socket) rest = await this.#take(Buffer.concat([rest, chunk as Buffer]))
    } catch {
      // A client that does not speak the protocol, or a connection that broke: nobody is left to be told.
    } finally {
      this.#socket.destroy()
    }
  }

  /** Takes no more; what was written is sent. */
  end(): void {
    this.#socket.end()
  }

  /** Handles the whole frames in front and answers what is left. */
  async #take(bytes: Buffer): Promise<Buffer> {
    let at = 0
    while (bytes.length - at >= 8) {
      const length = bytes.readUIntBE(at + 5, 3)
      if (length > mostFrameBytes) throw new Error('a frame is too long')
      if (bytes.length - at < 8 + length) break
      const frame = bytes.subarray(at, at + 8 + length)
      at += 8 + length
      if ((frame[0] ?? 0) < 0x80) this.#onData(frame)
      else await this.#onControl(frame)
    }
    return bytes.subarray(at)
  }

  #onData(frame: Buffer): void {
    const stream = this.#streams.get(frame.readUInt32BE(0))
    if (stream === undefined) return
    if (frame.length > 8) stream.push(frame.subarray(8))
    if (((frame[4] ?? 0) & fin) !== 0) stream.push(null)
  }

  async #onControl(frame: Buffer): Promise<void> {
    const type = frame.readUInt16BE(2)
    if (type === frames.synStream) await this.#open(frame)
    else if (type === frames.reset) this.#streams.get(frame.readUInt32BE(8) & 0x7fffffff)?.destroy()
    else if (type === frames.ping) this.#socket.write(frame)
    else if (type === frames.goAway) this.#socket.end()
  }

  async #open(frame: Buffer): Promise<void> {
    if (frame.length < 18 || this.#streams.size >= mostStreams) throw new Error('a stream cannot be opened')
    const id = frame.readUInt32BE(8) & 0x7fffffff
    const headers = await this.#coder.unpack(frame.subarray(18))
    const stream = new SpdyStream(id, headers, (data, last, done) => this.#sendData(id, data, last, done))
    stream.on('error', () => stream.destroy())
    stream.once('close', () => this.#streams.delete(id))
    this.#streams.set(id, stream)
    const block = await this.#coder.packNothing()
    const reply = Buffer.alloc(4)
    reply.writeUInt32BE(id)
    this.#sendControl(frames.synReply, Buffer.concat([reply, block]))
    if (((frame[4] ?? 0) & fin) !== 0) stream.push(null)
    this.#onStream(stream)
  }

  #sendControl(type: number, body: Buffer): void {
    const head = Buffer.alloc(8)
    head.writeUInt16BE(0x8003, 0)
    head.writeUInt16BE(type, 2)
    head.writeUInt32BE(body.length, 4)
    this.#socket.write(Buffer.concat([head, body]))
  }

  #sendData(id: number, data: Buffer, last: boolean, done: () => void): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) {
      done()
      return
    }
    const head = Buffer.alloc(8)
    head.writeUInt32BE(id, 0)
    head.writeUInt32BE(data.length, 4)
    head.writeUInt8(last ? fin : 0, 4)
    this.#socket.write(Buffer.concat([head, data]), () => done())
  }
}
