import { asActorId, asObjectId } from '../model/ids.ts'
import type { Mention, Note } from '../model/note.ts'
import { publicCollection } from '../model/audience.ts'
import type { Audience } from '../model/audience.ts'
import { fromMarkdown } from './markdown.ts'
import { actorKindOf, optional } from './parse-actor.ts'
import {
  attachmentsOf,
  durationOf,
  emojisOf,
  languageOf,
  occasionOf,
  placeOf,
  pollOf,
  quotingOf,
} from './parse-content.ts'
import {
  bounds,
  httpUrlOf,
  idOf,
  isJson,
  isSameHost,
  languageText,
  listOf,
  pageOf,
  Refusal,
  textOf,
  timeOf,
  typesOf,
} from './parse-values.ts'
import type { Json } from './parse-values.ts'
import { isOfMatrix } from './parse-wishes.ts'

/** Types of the vocabulary that nobody reads as a post. */
const notPosts: ReadonlySet<string> = new Set([
  ...['Collection', 'OrderedCollection', 'CollectionPage', 'OrderedCollectionPage'],
  ...['Accept', 'Add', 'Announce', 'Arrive', 'Block', 'Create', 'Delete', 'Dislike', 'EmojiReact'],
  ...['Flag', 'Follow', 'Ignore', 'Invite', 'Join', 'Leave', 'Like', 'Listen', 'Move', 'Offer'],
  ...['Read', 'Reject', 'Remove', 'TentativeAccept', 'TentativeReject', 'Travel', 'Undo'],
  ...['Update', 'View', 'Link', 'Mention', 'Relationship'],
])

/** Types that everybody reads as a post, whatever else is in it. */
const posts: ReadonlySet<string> = new Set([
  ...['Note', 'Article', 'Page', 'Question', 'ChatMessage', 'Event', 'Place'],
  ...['Audio', 'Video', 'Image', 'Document'],
])

/** What the note lacks and its activity tells. */
export type NoteSetting = { readonly author?: string; readonly audience?: Audience }

/** A post. Its author's host must be its own: another host cannot speak for the author. */
export function readNote(document: unknown, setting: NoteSetting = {}): Note | Refusal {
  if (!isJson(document)) return new Refusal('not-activitypub', 'not a JSON object')
  const id = idOf(document)
  if (id === undefined) return new Refusal('not-activitypub', 'an object without id')
  const type = postType(document)
  if (type instanceof Refusal) return type
  const author = authorOf(document, setting.author)
  if (author === undefined) return new Refusal('not-activitypub', `object ${id} has no author`)
  if (!isSameHost(id, author)) {
    return new Refusal('hostile', `object ${id} names an author on another host`)
  }
  const own = readAudience(document)
  const isSilent = own.to.length === 0 && own.cc.length === 0
  return {
    ...(isSilent ? (setting.audience ?? own) : own),
    id: asObjectId(id),
    type,
    author: asActorId(author),
    content: contentOf(document),
    sensitive: document['sensitive'] === true,
    mentions: mentionsOf(document),
    ...optional('groups', groupsOf(document)),
    attachments: attachmentsOf(document),
    emojis: emojisOf(document),
    ...optional('name', languageText(document, 'name', bounds.name)),
    ...optional('summary', languageText(document, 'summary', bounds.summary)),
    ...optional('published', timeOf(document['published'])),
    ...optional('updated', timeOf(document['updated'])),
    ...optional('url', pageOf(document['url'])),
    ...optional('inReplyTo', replyTargetOf(document)),
    ...optional('context', contextOf(document)),
    ...optional('language', languageOf(document)),
    ...quotingOf(document),
    ...(isOfMatrix(document) ? { isOfMatrix: true } : {}),
    ...optional('poll', pollOf(document)),
    ...optional('occasion', occasionOf(document)),
    ...optional('place', placeOf(document['location'])),
    ...optional('duration', durationOf(document['duration'])),
  }
}

function postType(document: Json): string | Refusal {
  const types = typesOf(document)
  const id = String(document['id'])
  if (types.includes('Tombstone')) return new Refusal('gone', `object ${id} is deleted`)
  if (actorKindOf(document) !== undefined) {
    return new Refusal('not-activitypub', `${id} is an actor, not a post`)
  }
  const type = types.includes('Note') ? 'Note' : types.find((t) => !notPosts.has(t))
  const isNone = type === undefined || (!posts.has(type) && isAboutAnother(document))
  return isNone ? new Refusal('not-activitypub', `${id} is no post`) : type
}

/** An activity, or the permission of one (FEP-044f), by a name that is not in the vocabulary. */
const isAboutAnother = (document: Json): boolean =>
  document['object'] !== undefined || document['interactionTarget'] !== undefined

/** All who are named as authors. Mobilizon's events name a group and, as `actor`, who wrote. */
export function authorsOf(document: Json): readonly string[] {
  const authors: string[] = []
  for (const value of [...listOf(document['attributedTo']), document['actor']]) {
    const id = idOf(value)
    if (id !== undefined) authors.push(id)
  }
  return authors
}

/** PeerTube names the person and the channel: the person has written. */
function authorOf(document: Json, preferred: string | undefined): string | undefined {
  const authors = authorsOf(document)
  if (preferred !== undefined && authors.includes(preferred)) return preferred
  const person = listOf(document['attributedTo']).find(
    (value) => isJson(value) && typesOf(value).includes('Person'),
  )
  return idOf(person) ?? authors[0]
}

/** `to` and `cc` as lists of ids, the public collection by its full name; `bto` and `bcc` are nobody's business. */
export function readAudience(document: Json): Audience {
  return { to: recipientsOf(document['to']), cc: recipientsOf(document['cc']) }
}

function recipientsOf(value: unknown): readonly string[] {
  const ids = new Set<string>()
  for (const item of listOf(value)) {
    if (ids.size === bounds.recipients) break
    const id = item === 'as:Public' || item === 'Public' ? publicCollection : idOf(item)
    if (id !== undefined) ids.add(id)
  }
  return [...ids]
}

function groupsOf({ audience }: Json): Note['groups'] {
  const ids = recipientsOf(audience).map(asActorId)
  return ids.length === 0 ? undefined : ids
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '<br>',
}

/** HTML; plain text and Markdown, where they say so, become it. */
function contentOf(document: Json): string {
  const content = languageText(document, 'content', bounds.content) ?? ''
  switch (document['mediaType']) {
    case 'text/markdown':
      return fromMarkdown(content)
    case 'text/plain':
      return content.replace(/[&<>"\n]/g, (c) => entities[c] ?? c)
    default:
      return content
  }
}

function replyTargetOf(document: Json): Note['inReplyTo'] {
  const id = idOf(document['inReplyTo'])
  return id === undefined ? undefined : asObjectId(id)
}

/** Not always a URL: Mastodon's `conversation` is a tag URI. */
function contextOf(document: Json): string | undefined {
  for (const member of ['context', 'conversation'] as const) {
    const value = document[member]
    const text = isJson(value) ? idOf(value) : textOf(value, bounds.id + 1)
    if (text !== undefined && text.length <= bounds.id) return text
  }
  return undefined
}

function mentionsOf(document: Json): readonly Mention[] {
  const mentions: Mention[] = []
  for (const tag of listOf(document['tag']).slice(0, bounds.tags)) {
    if (mentions.length === bounds.mentions) break
    if (!isJson(tag) || !typesOf(tag).includes('Mention')) continue
    const href = httpUrlOf(tag['href'])
    if (href === undefined || mentions.some((m) => m.actorId === href)) continue
    mentions.push({ actorId: asActorId(href), name: textOf(tag['name'], bounds.name) ?? '' })
  }
  return mentions
}
