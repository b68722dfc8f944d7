/** Reads tags and values. Reference: https://protobuf.dev/programming-guides/encoding/ */
export class ProtobufReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** Up to 64 bits; what is longer is cut off. */
  varint(): bigint {
    let value = 0n
    for (let shift = 0n; !this.done && shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++] ?? 0
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    return BigInt.asUintN(64, value)
  }

  /** The value after a tag of this wire type; null where the bytes end before it does. */
  value(wireType: number): Buffer | bigint | null {
    if (wireType === 0) return this.varint()
    const length = wireType === 2 ? Number(this.varint()) : { 1: 8, 5: 4 }[wireType]
    if (length === undefined || this.#at + length > this.#bytes.length) return null
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }
}
