/** An address that is written as it is: none of its letters is ever encoded or read as something else. */
export const plainAddress =
  'https?:\\/\\/[a-z\\d]+(?:[.-][a-z\\d]+)*\\.[a-z]{2,}(?:\\/[\\w/.~=&?-]*)?'

/** What begins a line that is no running text, or might: a heading, a quotation, a list, a table. */
const otherLine = /^(?:[\s#>|:=`~+<-]|\d+[.)])/

/**
 * Words, a link, or stars that begin or end words that are stressed. A letter that may mean something to
 * readers of Markdown is a word only where it means nothing: an underscore inside of a word, say.
 */
const part = new RegExp(
  [
    '((?:[^\\0\\t\\\\`*_~[\\]!<&]+|!(?!\\[)|~(?!~)|&(?= |$)|(?<=[A-Za-z\\d])_+(?=[A-Za-z\\d]))+)',
    `\\[([^\\0\\t\\\\\`*_~[\\]<&]+)\\]\\((${plainAddress})\\)`,
    '(\\*{1,2})(?!\\*)',
  ].join('|'),
  'y',
)

const isStart = (line: string, at: number): boolean => at === 0 || line.charAt(at - 1) === ' '

/** Stars behind a letter, in front of a space or of a sign that is none behind another. */
const isEnd = (line: string, at: number, next: string): boolean =>
  next === '' || next === ' '
    ? /\S/.test(line.charAt(at - 1))
    : /[.,:;!?)]/.test(next) && /[A-Za-z\d]/.test(line.charAt(at - 1))

const escaped = (text: string): string =>
  /[&>"]/.test(text)
    ? text.replace(/&/g, '&amp;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
    : text

const tags: Readonly<Record<string, string>> = { '*': 'em', '**': 'strong' }

/** A line as HTML; undefined where something in it might be meant otherwise. */
function lineToHtml(line: string): string | undefined {
  let html = ''
  let stars = ''
  part.lastIndex = 0
  while (part.lastIndex < line.length) {
    const at = part.lastIndex
    const match = part.exec(line)
    if (match === null) return undefined
    const { 1: words, 2: label = '', 3: address, 4: run = '' } = match
    const next = line.charAt(part.lastIndex)
    if (words !== undefined) html += escaped(words)
    else if (address !== undefined) html += `<a href="${escaped(address)}">${escaped(label)}</a>`
    else if (stars === '' && isStart(line, at) && /\S/.test(next)) {
      stars = run
      html += `<${tags[run]}>`
    } else if (stars === run && isEnd(line, at, next)) {
      stars = ''
      html += `</${tags[run]}>`
    } else return undefined
  }
  return stars === '' ? html : undefined
}

/** Spaces at the end of a line show nothing. */
function withoutSpaces(line: string): string {
  let end = line.length
  while (line.charAt(end - 1) === ' ') end -= 1
  return line.slice(0, end)
}

/**
 * Markdown that is nothing but paragraphs of words, links and stressed words, as HTML: what a reader of
 * all Markdown says of it, line ends being breaks, for a tenth of its price. Undefined for all other, so also for what
 * this does not know.
 */
export function readPlainMarkdown(text: string): string | undefined {
  const lines = (text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text).split('\n')
  let html = ''
  let isInside = false
  for (const spaced of lines) {
    const line = withoutSpaces(spaced)
    if (line === '') {
      if (isInside) html += '</p>\n'
      isInside = false
      continue
    }
    const isOther = otherLine.test(line) || /\s$/.test(line)
    const written = isOther ? undefined : lineToHtml(line)
    if (written === undefined) return undefined
    html += isInside ? `<br>\n${written}` : `<p>${written}`
    isInside = true
  }
  return isInside ? `${html}</p>\n` : html
}
