import { connect } from 'node:net'
import { type Answered, firstLine, readAnswered } from './lines.ts'

/** Of an answer. */
const longestAnswer = 16_000_000

/**
 * Asks the running bridge, for as long as it takes. Rejects where nothing listens there (`ENOENT`,
 * `ECONNREFUSED`), or not to us (`EACCES`), and where it ends before it has answered.
 */
export async function askConsole(path: string, words: readonly string[]): Promise<Answered> {
  const socket = connect(path)
  try {
    socket.write(`${JSON.stringify({ words })}\n`)
    const answered = readAnswered(await firstLine(socket, longestAnswer))
    if (answered === undefined) throw new Error('the answer is none of Footbridge')
    return answered
  } finally {
    socket.destroy()
  }
}
