import { bioOf } from '../../model/actor.ts'
import type { OutgoingAttachment } from '../../model/outgoing.ts'
import { cleanHtml, plainText } from './clean-html.ts'
import { toText, xml, type Html } from './html.ts'
import { summaryOf } from './post-page.ts'
import { feedOf } from './profile-page.ts'
import type { Author, Post } from './read-post.ts'

const toInstant = (time: number): string => new Date(time).toISOString()

const enclosure = ({ url, mediaType, name }: OutgoingAttachment): Html =>
  xml`<link rel="enclosure" href="${url}"${mediaType !== undefined && xml` type="${mediaType}"`}${name !== undefined && xml` title="${name}"`}/>\n`

/** What is behind a warning stays behind it: readers show content at once. */
function contentOf({ note }: Post, publicUrl: string): string {
  if (note.summary !== undefined)
    return toText(
      xml`<p>Content warning: ${note.summary}</p><p><a href="${note.url}">Read it</a></p>`,
    )
  return toText(cleanHtml(note.content, { publicUrl }))
}

function entryOf(post: Post, publicUrl: string): Html {
  const { note } = post
  const files = note.summary === undefined && !note.sensitive ? note.attachments : []
  const language = note.language !== undefined && xml` xml:lang="${note.language}"`
  const tags = note.hashtags.map(({ name }) => xml`<category term="${name.replace(/^#/, '')}"/>\n`)
  return xml`<entry${language}>
<id>${note.id}</id>
<title>${summaryOf(post, 80)}</title>
<published>${toInstant(note.published)}</published>
<updated>${toInstant(note.updated ?? note.published)}</updated>
<link rel="alternate" type="text/html" href="${note.url}"/>
${tags}${files.map(enclosure)}<content type="html">${contentOf(post, publicUrl)}</content>
</entry>
`
}

/** The newest posts of an account as an Atom feed (RFC 4287). */
export function toFeed(author: Author, posts: readonly Post[], publicUrl: string): string {
  const { actor, name, handle, page, avatar } = author
  const times = posts.map(({ note }) => note.updated ?? note.published)
  const bio = plainText(bioOf(actor)?.html ?? '', 300)
  return toText(xml`<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<id>${feedOf(author)}</id>
<title>${name} (${handle})</title>
${bio !== '' && xml`<subtitle>${bio}</subtitle>\n`}<updated>${toInstant(Math.max(actor.createdAt, ...times))}</updated>
<author><name>${name}</name><uri>${page}</uri></author>
<generator uri="${publicUrl}/about">Footbridge</generator>
${avatar !== undefined && xml`<icon>${avatar}</icon>\n`}<link rel="self" type="application/atom+xml" href="${feedOf(author)}"/>
<link rel="alternate" type="text/html" href="${page}"/>
${posts.map((post) => entryOf(post, publicUrl))}</feed>
`)
}
