import type { Socket } from 'node:net'

/** What somebody at the machine typed, a word each. */
export type Asked = { readonly words: readonly string[] }

/** `usage`: it was not understood. `failed`: it could not be done. */
export type Answered = { readonly end: 'done' | 'usage' | 'failed'; readonly text: string }

/** Longer lines are nobody's, characters. */
export const longestLine = 65_536
const mostWords = 1_000

/** A line of the socket as a request; undefined: it is none. */
export function readAsked(line: string): Asked | undefined {
  const value = parse(line)
  const words = typeof value === 'object' && value !== null && 'words' in value ? value.words : []
  if (!Array.isArray(words) || words.length === 0 || words.length > mostWords) return undefined
  return words.every((word) => typeof word === 'string') ? { words } : undefined
}

/** A line of the socket as an answer; undefined: it is none. */
export function readAnswered(line: string): Answered | undefined {
  const value = parse(line)
  if (typeof value !== 'object' || value === null) return undefined
  if (!('end' in value) || !('text' in value) || typeof value.text !== 'string') return undefined
  const end = (['done', 'usage', 'failed'] as const).find((one) => one === value.end)
  return end && { end, text: value.text }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** The first line that comes; rejects where the other side ends, or says more than `longest` characters, before. */
export function firstLine(socket: Socket, longest: number): Promise<string> {
  socket.setEncoding('utf8')
  return new Promise((resolve, reject) => {
    let text = ''
    socket.on('data', (piece: string) => {
      text += piece
      const end = text.indexOf('\n')
      if (end >= 0) resolve(text.slice(0, end))
      else if (text.length > longest) reject(new Error('the line is too long'))
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('the connection was closed')))
  })
}
