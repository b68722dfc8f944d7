import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { constants, createDeflate } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SpdyConnection } from './connection.ts'
import { dictionary } from './dictionary.ts'

const server = createServer((socket) => {
  socket.on('error', () => socket.destroy())
  const connection = new SpdyConnection(socket, (stream) => {
    stream.write(`${stream.headers.get('streamtype')}:`)
    stream.pipe(stream)
  })
  void connection.run(Buffer.alloc(0))
})
beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'))
afterAll(() => server.close())

async function client(): Promise<Socket> {
  const address = server.address()
  const socket = connect(typeof address === 'object' ? (address?.port ?? 0) : 0, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

const number = (value: number, bytes: number) => {
  const buffer = Buffer.alloc(bytes)
  buffer.writeUIntBE(value, 0, bytes)
  return buffer
}
const control = (type: number, flags: number, body: Buffer) =>
  Buffer.concat([number(0x8003, 2), number(type, 2), number(flags, 1), number(body.length, 3), body])
const data = (id: number, text: string, last = false) =>
  Buffer.concat([number(id, 4), number(last ? 1 : 0, 1), number(text.length, 3), Buffer.from(text)])

/** A stream's opening frame, with the context that all of a connection share. */
function opener(): (id: number, type: string) => Promise<Buffer> {
  const deflate = createDeflate({ dictionary, flush: constants.Z_SYNC_FLUSH })
  return async (id, type) => {
    const text = (value: string) => Buffer.concat([number(value.length, 4), Buffer.from(value)])
    deflate.write(Buffer.concat([number(1, 4), text('Streamtype'), text(type)]))
    await new Promise((resolve) => setImmediate(resolve))
    const [block] = (await once(deflate, 'data')) as [Buffer]
    return control(1, 0, Buffer.concat([number(id, 4), number(0, 6), block]))
  }
}

/** What comes until so many streams have ended, as the text of each. */
async function streamsOf(socket: Socket, count: number): Promise<Map<number, string>> {
  let bytes = Buffer.alloc(0)
  for await (const chunk of socket) {
    bytes = Buffer.concat([bytes, chunk as Buffer])
    const { texts, ended } = readFrames(bytes)
    if (ended === count) return texts
  }
  throw new Error('the connection ended before its streams')
}

function readFrames(bytes: Buffer): { texts: Map<number, string>; ended: number } {
  const texts = new Map<number, string>()
  let ended = 0
  for (let at = 0; at + 8 <= bytes.length; ) {
    const length = bytes.readUIntBE(at + 5, 3)
    const id = bytes.readUInt32BE(at)
    if (at + 8 + length > bytes.length) break
    if (id < 0x80000000) {
      texts.set(id, (texts.get(id) ?? '') + bytes.toString('utf8', at + 8, at + 8 + length))
      ended += bytes.readUInt8(at + 4) & 1
    }
    at += 8 + length
  }
  return { texts, ended }
}

test('streams beside each other, in whatever pieces their frames come', async () => {
  const socket = await client()
  const open = opener()
  const frames = Buffer.concat([
    await open(1, 'stdin'),
    await open(3, 'error'),
    data(1, 'one '),
    data(3, 'three'),
    data(1, 'more', true),
    data(3, '', true),
    data(99, 'to nobody'),
  ])
  const answered = streamsOf(socket, 2)
  for (let at = 0; at < frames.length; at += 7) {
    socket.write(frames.subarray(at, at + 7))
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(await answered).toEqual(
    new Map([
      [1, 'stdin:one more'],
      [3, 'error:three'],
    ]),
  )
})

test('what is no SPDY ends the connection, and nothing else', async () => {
  const open = opener()
  const good = await open(1, 'stdin')
  const garbage = [
    control(1, 0, Buffer.alloc(3)),
    control(1, 0, Buffer.concat([number(1, 4), number(0, 6), Buffer.from('no deflate')])),
    Buffer.concat([number(1, 4), number(0, 1), number(0xffffff, 3)]),
    control(3, 0, Buffer.alloc(0)),
    ...Array.from({ length: 200 }, (_, at) =>
      Buffer.from(good.map((byte, index) => ((index * 31 + at) % 11 === 0 ? (byte + at) % 256 : byte))),
    ),
  ]
  for (const bytes of garbage) {
    const socket = await client()
    socket.on('error', () => socket.destroy())
    socket.end(bytes)
    socket.resume()
    if (!socket.destroyed) await once(socket, 'close')
  }
  const socket = await client()
  const answered = streamsOf(socket, 1)
  const openAgain = opener()
  socket.write(Buffer.concat([await openAgain(1, 'still'), data(1, 'there', true)]))
  expect((await answered).get(1)).toBe('still:there')
})
