import type { ActorId, ObjectId, UserId } from '../../model/ids.ts'
import type { Handle } from '../../model/handle.ts'
import type { LocalActor, RemoteActor } from '../../model/actor.ts'
import type { ObjectRecord } from '../../model/note.ts'

/** Newest first; `next` is the `before` of the page after. */
export type ReadPage<Item> = { readonly items: readonly Item[]; readonly next?: number }

type PostsQuery = {
  readonly before?: number
  readonly limit: number
  readonly withReplies: boolean
}

/** What pages are made of. */
export type PageReads = {
  readonly findObject: (id: ObjectId) => Promise<ObjectRecord | undefined>
  readonly findLocalActor: (id: ActorId) => Promise<LocalActor | undefined>
  readonly findLocalActorByUsername: (username: string) => Promise<LocalActor | undefined>
  readonly findRemoteActor: (id: ActorId) => Promise<RemoteActor | undefined>
  /** What a user has chosen. */
  readonly findSetting: (userId: UserId, name: string) => Promise<string | undefined>
  /** What somebody of ours wrote for everybody (public and unlisted), and did not delete. */
  readonly postsBy: (author: ActorId, query: PostsQuery) => Promise<ReadPage<ObjectRecord>>
  /** What a group told of last and everybody may see. */
  readonly newestToldBy: (group: ActorId, limit: number) => Promise<readonly ObjectId[]>
  readonly featuredBy: (id: ActorId) => Promise<readonly ObjectId[]>
  readonly repliesPage: (
    id: ObjectId,
    query: { readonly before?: number; readonly limit: number },
  ) => Promise<ReadPage<ObjectId>>
  readonly repliesCount: (id: ObjectId) => Promise<number>
  readonly likesCount: (id: ObjectId) => Promise<number>
  readonly sharesCount: (id: ObjectId) => Promise<number>
  readonly outboxCount: (id: ActorId) => Promise<number>
  readonly followersCount: (id: ActorId) => Promise<number>
  readonly followingCount: (id: ActorId) => Promise<number>
}

/** A server that is kept away, as the public may read it. */
export type BlockedServer = {
  readonly domain: string
  readonly severity: 'suspend' | 'silence' | 'none'
  readonly rejectsMedia: boolean
  /** Its name is shown in part, whatever `About` says of the others. */
  readonly isObfuscated?: true
  /** Why, for everybody. */
  readonly publicComment?: string
}

/** What the operator says of the server. */
export type About = {
  readonly operator?: string
  /** A mail address or a link. */
  readonly contact?: string
  readonly rules: readonly string[]
  readonly blockedServers: 'shown' | 'obfuscated' | 'hidden'
}

export type PageDeps = PageReads & {
  readonly publicUrl: string
  readonly handleDomain: string
  /** The homeserver's name. */
  readonly serverName: string
  /** The bot's Matrix id. */
  readonly bot: UserId
  readonly about: About
  /** Whether that user may use the bridge at all. */
  readonly isPermitted: (userId: UserId) => boolean
  readonly blockedServers: () => Promise<readonly BlockedServer[]>
  /** Milliseconds after which what nobody uses is forgotten; absent: never. */
  readonly pruneAfter?: number
  /** Whether what `other` wrote is to be kept away from what `ours` shows: a block, or a block of the server. */
  readonly isApart: (ours: ActorId, other: ActorId) => Promise<boolean>
  /**
   * The `subscribe` template of the server of that account. Undefined: the server has none.
   * `RejectedError`, `TransientError`: as in a lookup of any account.
   */
  readonly askTemplate: (handle: Handle) => Promise<string | undefined>
  /** Takes one lookup for that visitor: 0, or the milliseconds after which it may be tried again. */
  readonly takeLookup: (visitor: string) => number
}
