/** Frames of git's protocol (gitprotocol-common(5)): four hex digits of length, themselves included, then the payload; `0000` is a flush. */
export const FLUSH = Buffer.from('0000')

/** Longest payload of a frame on side-band-64k, its band byte included. */
const SIDE_BAND_BYTES = 65_515

export function encodePkt(payload: string | Buffer): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes])
}

/** Frames of one band: 1 carries the report, 2 what people are shown, 3 a fatal error. */
export function encodeBand(band: 1 | 2 | 3, payload: Buffer): Buffer {
  const frames: Buffer[] = []
  for (let at = 0; at < payload.length; at += SIDE_BAND_BYTES - 1) {
    frames.push(encodePkt(Buffer.concat([Buffer.from([band]), payload.subarray(at, at + SIDE_BAND_BYTES - 1)])))
  }
  return Buffer.concat(frames)
}

/** A frame that clients skip: proves to proxies and to them that the connection lives. The same that git sends. */
export const KEEP_ALIVE = encodePkt(Buffer.from([1]))

/** One frame from the front of a buffer; null while it is not whole. `payload` null is a flush. @throws RangeError on what is no frame */
export function takePkt(buffer: Buffer): { payload: Buffer | null; rest: Buffer } | null {
  if (buffer.length < 4) return null
  const digits = buffer.subarray(0, 4).toString('latin1')
  if (!/^[0-9a-f]{4}$/i.test(digits)) throw new RangeError(`"${digits}" is no length of a pkt-line`)
  const length = Number.parseInt(digits, 16)
  if (length === 0) return { payload: null, rest: buffer.subarray(4) }
  if (length < 4) throw new RangeError(`${digits} is no length of a data pkt-line`)
  if (buffer.length < length) return null
  return { payload: buffer.subarray(4, length), rest: buffer.subarray(length) }
}

/** All frames of a buffer up to its end or its first flush. */
export function pktLines(buffer: Buffer): string[] {
  const lines: string[] = []
  for (let rest = buffer; ; ) {
    const taken = takePkt(rest)
    if (taken === null || taken.payload === null) return lines
    lines.push(taken.payload.toString('utf8').replace(/\n$/, ''))
    rest = taken.rest
  }
}
