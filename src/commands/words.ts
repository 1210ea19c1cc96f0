import { Parser } from 'htmlparser2'
import type { Text } from '../model/event.ts'
import { matrixIdOf, parseTarget, safeName } from '../model/target.ts'

const longestLine = 16_384
const mostWords = 30

/** A link in a message stands for whom it leads to: its label may be any name. */
function targetOfLink(label: string, href: string): string {
  const matrixId = matrixIdOf(href)
  if (matrixId !== undefined && !/\s/.test(matrixId)) return matrixId
  if (parseTarget(label.trim()) !== undefined) return label
  return /^https?:\/\/\S+$/i.test(href) ? href : label
}

/** The message as a line of text, links replaced by what they lead to. */
function lineOfHtml(html: string): string {
  let line = ''
  let link: { readonly href: string; label: string } | undefined
  const parser = new Parser({
    onopentag(tag, { href }) {
      if (tag === 'a' && href !== undefined) link = { href, label: '' }
      else if (tag === 'br' || tag === 'p') line += ' '
    },
    ontext(text) {
      if (link === undefined) line += text
      else link.label += text
    },
    onclosetag(tag) {
      if (tag !== 'a' || link === undefined) return
      line += targetOfLink(link.label, link.href)
      link = undefined
    },
  })
  parser.end(html.slice(0, longestLine))
  return line
}

/** Words without the invisible characters that come along when somebody copies a name. */
const split = (line: string): string[] =>
  line
    .slice(0, longestLine)
    .split(/\s+/)
    .map((word) => word.replace(/[\p{Cc}\p{Cf}]/gu, ''))
    .filter((word) => word !== '')
    .slice(0, mostWords)

/**
 * The words of a command. `line` is the text without prefix; a message with links (a name that a
 * client completed, a profile that somebody pasted) is read from its HTML.
 */
export function wordsOf(line: string, text: Text, prefix: string): string[] {
  if (text.html === undefined || !/<a\s/i.test(text.html)) return split(line)
  const words = split(lineOfHtml(text.html))
  const [first = '', ...rest] = words
  return first === prefix ? rest : [first.replace(/^!/, ''), ...rest]
}

/** Something that a user wrote, safe and short enough to stand in an answer. */
export const quote = (text: string): string => `\`${safeName(text.replaceAll('`', ''), 60)}\``

/** As a sentence begins. */
export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** `1 line`, `2 lines`. */
export const counted = (count: number, one: string): string =>
  `${count} ${one}${count === 1 ? '' : 's'}`
