/** A span as a table of OpenTelemetry spans keeps it. */
export interface TableSpan {
  /** 32 hex digits. */
  readonly traceId: string
  /** 16 hex digits. */
  readonly spanId: string
  /** '' on a root. */
  readonly parentSpanId: string
  readonly name: string
  /** Nanoseconds since the epoch. */
  readonly startNs: bigint
  readonly endNs: bigint
  /** 1 is OK, 2 an error. */
  readonly status: number
  readonly attributes: Readonly<Record<string, unknown>>
  readonly events: readonly { readonly name: string; readonly attributes: Readonly<Record<string, unknown>> }[]
}

/**
 * The spans of an OTLP `ExportTraceServiceRequest`. Only what a table of spans shows is read.
 * @throws Error for bytes that are no such message
 * @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
 */
export function readSpans(bytes: Uint8Array): readonly TableSpan[] {
  return all(read(bytes), 1) // resource_spans
    .flatMap((resource) => all(read(resource), 2)) // scope_spans
    .flatMap((scope) => all(read(scope), 2)) // spans
    .map((span) => toSpan(read(span)))
}

function toSpan(message: Message): TableSpan {
  const status = read(bytesOf(message, 15))
  return {
    traceId: Buffer.from(bytesOf(message, 1)).toString('hex'),
    spanId: Buffer.from(bytesOf(message, 2)).toString('hex'),
    parentSpanId: Buffer.from(bytesOf(message, 4)).toString('hex'),
    name: text(bytesOf(message, 5)),
    startNs: numberOf(message, 7),
    endNs: numberOf(message, 8),
    status: Number(numberOf(status, 3)),
    attributes: toAttributes(all(message, 9)),
    events: all(message, 11).map((event) => {
      const fields = read(event)
      return { name: text(bytesOf(fields, 2)), attributes: toAttributes(all(fields, 3)) }
    }),
  }
}

function toAttributes(pairs: readonly Uint8Array[]): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const fields = read(pair)
      return [text(bytesOf(fields, 1)), toValue(read(bytesOf(fields, 2)))]
    }),
  )
}

/** An `AnyValue`: exactly one of its fields is there. */
function toValue(message: Message): unknown {
  const [first] = message
  if (first === undefined) return undefined
  const [field, value] = first
  switch (field) {
    case 1:
      return typeof value === 'bigint' ? '' : text(value)
    case 2:
      return value === 1n
    case 3:
      return typeof value === 'bigint' ? Number(BigInt.asIntN(64, value)) : Number.NaN
    case 4:
      return typeof value === 'bigint' ? toDouble(value) : Number.NaN
    case 5:
      return typeof value === 'bigint' ? [] : all(read(value), 1).map((item) => toValue(read(item)))
    case 6:
      return typeof value === 'bigint' ? {} : toAttributes(all(read(value), 1))
    default:
      return undefined
  }
}

/** Fields by number, in order. Numbers of every width are bigints, texts, bytes and messages are bytes. */
type Message = readonly (readonly [field: number, value: bigint | Uint8Array])[]

/** The wire format of protocol buffers. @see https://protobuf.dev/programming-guides/encoding */
function read(bytes: Uint8Array): Message {
  const fields: [number, bigint | Uint8Array][] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0

  function varint(): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = view.getUint8(at)
      at += 1
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    throw new Error('A number of more than 64 bits')
  }

  while (at < bytes.length) {
    const key = Number(varint())
    const field = key >>> 3
    switch (key & 7) {
      case 0:
        fields.push([field, varint()])
        break
      case 1:
        fields.push([field, view.getBigUint64(at, true)])
        at += 8
        break
      case 2: {
        const length = Number(varint())
        if (at + length > bytes.length) throw new Error('A field that is longer than its message')
        fields.push([field, bytes.subarray(at, at + length)])
        at += length
        break
      }
      case 5:
        fields.push([field, BigInt(view.getUint32(at, true))])
        at += 4
        break
      default:
        throw new Error(`A field of unknown kind ${key & 7}`)
    }
  }
  return fields
}

function all(message: Message, field: number): readonly Uint8Array[] {
  return message.flatMap(([number, value]) => (number === field && typeof value !== 'bigint' ? [value] : []))
}

const bytesOf = (message: Message, field: number): Uint8Array => all(message, field).at(-1) ?? new Uint8Array()

function numberOf(message: Message, field: number): bigint {
  const value = message.findLast(([number]) => number === field)?.[1]
  return typeof value === 'bigint' ? value : 0n
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

function toDouble(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, bits)
  return view.getFloat64(0)
}
