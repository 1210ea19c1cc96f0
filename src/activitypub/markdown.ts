import { createRequire } from 'node:module'
import type MarkdownIt from 'markdown-it'
import { plainAddress, readPlainMarkdown } from './plain-markdown.ts'

/** More than is ever shown; hostile text takes time with its length. */
const maxText = 60_000

/** Nothing of these is ever encoded, and finding that out takes longer than all the rest of a link. */
const plainLink = new RegExp(`^${plainAddress}$`)

let reader: InstanceType<typeof MarkdownIt> | undefined

/** Two megabytes that many a server never needs: they are read with the first text that needs them. */
function readerOf(): InstanceType<typeof MarkdownIt> {
  if (reader === undefined) {
    const load = createRequire(import.meta.url)
    const Reader = load('markdown-it') as typeof MarkdownIt
    reader = new Reader({ html: false, breaks: true })
    const encode = reader.normalizeLink.bind(reader)
    reader.normalizeLink = (url) => (plainLink.test(url) ? url : encode(url))
  }
  return reader
}

/** What PeerTube, for one, sends as the text itself: as HTML, without any that stood in it. */
export function fromMarkdown(text: string): string {
  const bounded = text.slice(0, maxText)
  return readPlainMarkdown(bounded) ?? readerOf().render(bounded)
}
