/**
 * Reads files of strangers, in a process of its own: whatever a hostile one does to a decoder or a
 * parser, it does here. One order after another comes over the channel; the bytes are asked for piece by
 * piece, and one answer ends it.
 */
import { largestPiece, type Order, type Word } from './facts.ts'
import type { ReadAt } from './read-recording.ts'

const say = (word: Word): void => void process.send?.(word)

let take: ((piece: Uint8Array) => void) | undefined
let last: Promise<unknown> = Promise.resolve()

const readNow: ReadAt = async (start, length) => {
  const piece = await new Promise<Uint8Array>((resolve) => {
    take = resolve
    say({ want: [start, length] })
  })
  if (piece.length === 0) throw new Error('no more of the file is given')
  return piece
}

/** One piece at a time, in the order in which they were asked for. */
const readAt: ReadAt = (start, length) => {
  const mine = last.then(() => readNow(start, length))
  last = mine.catch(() => undefined)
  return mine
}

async function whole(size: number): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for (let at = 0; at < size; at += largestPiece)
    pieces.push(await readAt(at, Math.min(largestPiece, size - at)))
  return Buffer.concat(pieces)
}

/** Loaded when it is needed: a decoder of pictures is large. */
async function read(order: Order) {
  if (order.kind === 'recording')
    return (await import('./read-recording.ts')).readRecording(order, readAt)
  const bytes = await whole(order.size)
  return (await import('./read-picture.ts')).readPicture(bytes)
}

process.on('message', (message: Order | Uint8Array) => {
  if (message instanceof Uint8Array) {
    take?.(message)
    return
  }
  read(message).then(
    (facts) => say({ facts }),
    () => say({}),
  )
})
process.on('disconnect', () => process.exit())
