import type { ActorId, ObjectId } from '../../model/ids.ts'
import { isOpen } from '../../model/audience.ts'
import { asActorId } from '../../model/ids.ts'
import { formatHandle } from '../../model/handle.ts'
import type { LocalActor } from '../../model/actor.ts'
import { headerOf, nameOf, pictureOf } from '../../model/actor.ts'
import type { ObjectRecord } from '../../model/note.ts'
import type { OutgoingNote } from '../../model/outgoing.ts'
import { pictureUrl } from '../../model/mxc.ts'
import { displayHandle, safeName } from '../../model/names.ts'
import { webPage } from '../../model/settings.ts'
import { isOffPages } from '../../model/wishes.ts'
import { webLink } from './html.ts'
import type { PageDeps } from './reads.ts'

/** Somebody of ours as pages show them. */
export type Author = {
  readonly actor: LocalActor
  readonly name: string
  /** `@user@domain`. */
  readonly handle: string
  readonly page: string
  readonly avatar?: string
  readonly header?: string
}

/** A post that is not shown here, and where it is. */
export type Reference = {
  /** Absent: it is not for everybody, its author wants it on no page, or it is kept away. */
  readonly url?: string
  /** Handle of its author, where that is known. */
  readonly by?: string
  readonly published?: number
}

/** A post of somebody of ours that everybody may read. */
export type Post = {
  readonly note: OutgoingNote
  readonly author: Author
  readonly isListed: boolean
  readonly replies: number
  readonly boosts: number
  readonly likes: number
  readonly parent?: Reference
  readonly isPinned?: boolean
}

export function toAuthor(
  actor: LocalActor,
  { publicUrl, handleDomain }: Pick<PageDeps, 'publicUrl' | 'handleDomain'>,
): Author {
  const [avatar, header] = [pictureOf(actor), headerOf(actor)]
  return {
    actor,
    name: safeName(nameOf(actor), 100) || actor.username,
    handle: formatHandle({ username: actor.username, host: handleDomain }),
    page: `${publicUrl}/@${actor.username}`,
    ...(avatar === undefined ? {} : { avatar: pictureUrl(`${actor.id}/avatar`, avatar) }),
    ...(header === undefined ? {} : { header: pictureUrl(`${actor.id}/header`, header) }),
  }
}

/** Whether that user wishes to be read on pages, and may use the bridge still; a room is no user. */
export const isOnPages = async (
  { userId, group, deletedAt }: LocalActor,
  { findSetting, isPermitted }: Pick<PageDeps, 'findSetting' | 'isPermitted'>,
): Promise<boolean> =>
  deletedAt === undefined &&
  group === undefined &&
  isPermitted(userId) &&
  (await findSetting(userId, webPage.name)) === webPage.on

/** The author of something on pages; undefined: there is none, or none who wishes that. */
async function authorOnPages(id: ActorId, deps: PageDeps): Promise<Author | undefined> {
  const actor = await deps.findLocalActor(id)
  return actor !== undefined && (await isOnPages(actor, deps)) ? toAuthor(actor, deps) : undefined
}

/** Followers-only and private posts are on no page and in no feed. */
export const isForAll = ({ visibility }: ObjectRecord): boolean => isOpen(visibility)

type Shown = ObjectRecord & { readonly note: OutgoingNote }

export const isShown = (object: ObjectRecord): object is Shown =>
  object.isLocal && isForAll(object) && object.deletedAt === undefined && object.note !== undefined

async function referenceTo(
  object: ObjectRecord,
  reader: ActorId,
  deps: PageDeps,
): Promise<Reference> {
  const { id, author, published, isLocal, visibility } = object
  const stands = isForAll(object) && object.deletedAt === undefined
  if (!stands || (await deps.isApart(reader, author))) return {}
  if (isLocal) {
    const ours = await authorOnPages(author, deps)
    return ours === undefined ? {} : { url: id, by: ours.handle, published }
  }
  const actor = await deps.findRemoteActor(author)
  if (isOffPages(actor?.details?.wishes, visibility)) return {}
  const url = webLink(object.url) ?? webLink(id)
  return {
    published,
    ...(url === undefined ? {} : { url }),
    ...(actor === undefined ? {} : { by: displayHandle(actor) }),
  }
}

async function parentOf(
  { inReplyTo, author }: Shown,
  deps: PageDeps,
): Promise<Reference | undefined> {
  if (inReplyTo === undefined) return undefined
  const parent = await deps.findObject(inReplyTo)
  if (parent !== undefined) return referenceTo(parent, author, deps)
  const url = inReplyTo.startsWith(`${deps.publicUrl}/`) ? undefined : webLink(inReplyTo)
  return url === undefined ? {} : { url }
}

export async function readPost(object: Shown, author: Author, deps: PageDeps): Promise<Post> {
  const parent = await parentOf(object, deps)
  const post = await readAlone(object, author, deps)
  return { ...post, ...(parent === undefined ? {} : { parent }) }
}

/** Without what it answers. */
async function readAlone(object: Shown, author: Author, deps: PageDeps): Promise<Post> {
  const { id, note } = object
  return {
    note,
    author,
    isListed: object.visibility === 'public',
    replies: await deps.repliesCount(id),
    boosts: await deps.sharesCount(id),
    likes: await deps.likesCount(id),
  }
}

/** Posts of one author, in that order; those that are not to be shown are left out. */
export async function readPosts(
  objects: readonly (ObjectRecord | undefined)[],
  author: Author,
  deps: PageDeps,
): Promise<readonly Post[]> {
  const shown = objects.filter(
    (object): object is Shown =>
      object !== undefined && isShown(object) && object.author === author.actor.id,
  )
  return Promise.all(shown.map((object) => readPost(object, author, deps)))
}

export const isPost = (one: Post | Reference): one is Post => 'note' in one

/** Replies a page shows at most. */
const mostReplies = 50

/**
 * What answers a post, oldest first: words of people of ours who are on pages, and links to what
 * others wrote elsewhere, whose words are theirs to show.
 */
export async function readReplies(
  id: ObjectId,
  author: ActorId,
  deps: PageDeps,
): Promise<readonly (Post | Reference)[]> {
  const { items } = await deps.repliesPage(id, { limit: mostReplies })
  return [...(await readOthers(items, author, deps))].reverse()
}

/** The same of any posts, in that order, as `reader` may show them. */
export async function readOthers(
  ids: readonly ObjectId[],
  reader: ActorId,
  deps: PageDeps,
): Promise<readonly (Post | Reference)[]> {
  const found = await Promise.all(ids.map((one) => readOther(one, reader, deps)))
  return found.filter((one): one is Post | Reference => one !== undefined)
}

async function readOther(
  id: ObjectId,
  reader: ActorId,
  deps: PageDeps,
): Promise<Post | Reference | undefined> {
  const object = await deps.findObject(id)
  if (object === undefined) return undefined
  if (isShown(object)) {
    if (await deps.isApart(reader, object.author)) return undefined
    const author = await authorOnPages(asActorId(object.author), deps)
    return author && readAlone(object, author, deps)
  }
  const reference = await referenceTo(object, reader, deps)
  return reference.url === undefined ? undefined : reference
}
