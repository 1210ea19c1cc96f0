import { element, renderHtml } from './html-tree.ts'
import { toMatrixTree } from './html-to-matrix.ts'
import { toPlainText } from './plain-text.ts'

/** What people of the fediverse may ask of our own account. */
export type BotWord = 'stop' | 'start' | 'help'

/** Of who wrote to our own account, the word that they meant; undefined: something else. */
export function botWordIn(html: string): BotWord | undefined {
  const text = toPlainText(toMatrixTree(html))
  const [word] = text
    .split(/\s+/)
    .filter((part) => !part.includes('@') && /\p{L}/u.test(part))
    .map((part) => part.toLowerCase().replace(/[^\p{L}-]/gu, ''))
  switch (word) {
    case 'stop':
    case 'opt-out':
    case 'unsubscribe':
      return 'stop'
    case 'start':
    case 'opt-in':
      return 'start'
    case 'help':
      return 'help'
    default:
      return undefined
  }
}

type Place = { readonly serverName: string; readonly publicUrl: string }

/** What is answered, a paragraph each. */
export function botAnswer(word: BotWord, { serverName, publicUrl }: Place): readonly string[] {
  switch (word) {
    case 'stop':
      return [
        `You are not bridged any more: what was shown of you on ${serverName} is removed, nobody there follows you or can write to you, and nothing of yours comes there.`,
        'Write "start" to take this back.',
      ]
    case 'start':
      return [`People on ${serverName} may follow you and write to you again.`]
    case 'help':
      return [
        `I am Footbridge, a bridge between the fediverse and the Matrix server ${serverName}. People there follow you and write to you as people anywhere do; what you post reaches those who follow you, or whom you write to.`,
        'Write "stop" and nothing of you is bridged any more. Blocking this account does the same, and so does #nobridge in your profile.',
        `More, and who runs this: ${publicUrl}/`,
      ]
    default:
      return word satisfies never
  }
}

/** The same as HTML of the fediverse. */
export const paragraphs = (lines: readonly string[]): string =>
  renderHtml(lines.map((line) => element('p', [line])))
