import type { Permission } from './permission.ts'
import type { RoomId } from '../model/ids.ts'
import type { UserLimits } from '../model/limits.ts'

/** The valid configuration; modules are given the slice they need, never all of it. */
export type Config = {
  readonly homeserver: {
    /** Without a slash at the end. */
    readonly url: string
    readonly serverName: string
  }
  readonly appservice: {
    readonly id: string
    readonly bind: string
    readonly port: number
    /** As the homeserver reaches us, without a slash at the end. */
    readonly url: string
    readonly asToken: string
    readonly hsToken: string
    /** Those before, which are good until then as well; milliseconds since the epoch. */
    readonly previous?: {
      readonly asToken: string
      readonly hsToken: string
      readonly until: number
    }
    readonly botLocalpart: string
    readonly prefix: string
    readonly commandPrefix: string
    /** Whether users who have not chosen get a Space. */
    readonly hasSpaces: boolean
    /** Whether clients of Beeper's kind are told what came of each message. */
    readonly sendsStatus: boolean
  }
  readonly activitypub: {
    readonly bind: string
    readonly port: number
    /** Without a slash at the end. */
    readonly publicUrl: string
    readonly handleDomain: string
    /** Milliseconds that an account's keys serve; absent: for ever. */
    readonly rotateKeysAfter?: number
    /** `signed`: who does not sign reads no posts, no profiles and no lists. */
    readonly fetchMode: 'signed' | 'public'
    /** Hosts that may read what is public without. */
    readonly unsignedFetchFrom: readonly string[]
  }
  readonly permissions: Readonly<Record<string, Permission>>
  /** `sqlite:` and an absolute path. */
  readonly database: string
  /** Seals the private keys in the database. */
  readonly encryptionKey: string
  /** The one before it, which may still have sealed some. */
  readonly oldEncryptionKey?: string
  /** Milliseconds after which what nobody uses is forgotten; absent: never. */
  readonly pruneAfter?: number
  /** Rooms of ours are for users of our homeserver alone. Absent: they federate. */
  readonly localRoomsOnly?: true
  readonly publish: {
    /** Milliseconds; 0: never. */
    readonly joinMediaWithin: number
  }
  readonly media: {
    /** Bytes that a file of the fediverse may have; absent: what the homeserver takes. */
    readonly maxSize?: number
    /** How files that are marked as sensitive are shown. */
    readonly sensitive: 'spoiler' | 'link' | 'show'
    /** How reactions with a custom emoji are shown. */
    readonly emojiReactions: 'text' | 'picture'
    /** Bytes of copies of published files; 0: none are kept. */
    readonly cacheSize: number
  }
  /** Absent: programs may do nothing for users. */
  readonly provisioning?: {
    /** May act for any user. */
    readonly token?: string
  }
  readonly signatures: {
    /** Milliseconds that a signature may be old, or lie in the future. */
    readonly maxAge: number
    readonly ahead: number
  }
  readonly limits: {
    /** A minute; 0: any number. */
    readonly activitiesPerActor: number
    readonly activitiesPerServer: number
  } & UserLimits
  readonly moderation: {
    /** Only servers that an admin has let in by name. */
    readonly allowListOnly: boolean
    /** Globs of Matrix user ids, without or with a server. */
    readonly bridgedUsers: readonly string[]
    /** Hosts whose accounts all stand for people on Matrix; absent: none that the admin knows. */
    readonly matrixBridges?: readonly string[]
    /** Where admins read reports; absent: a room is made for them. */
    readonly reportsRoom?: RoomId
  }
  readonly network: {
    /** Host names, IP addresses and CIDR networks. */
    readonly allowPrivate: readonly string[]
    /** `host` or `host:port`. */
    readonly allowHttp: readonly string[]
  }
  /** What the server says of itself to people. */
  readonly about: {
    readonly operator?: string
    /** A mail address or a link. */
    readonly contact?: string
    readonly rules: readonly string[]
    /** How the domains that are kept away are named there. */
    readonly blockedServers: 'shown' | 'obfuscated' | 'hidden'
  }
  /** Absent: no numbers are told. */
  readonly metrics?: { readonly bind: string; readonly port: number }
  /** Absent: no message is followed. `share` of them, 0 to 1. */
  readonly tracing?: { readonly url: string; readonly share: number }
  /** Absent: there is none. */
  readonly adminPage?: {
    readonly bind: string
    readonly port: number
    /** As an admin's browser reaches it, without a slash at the end. */
    readonly url: string
    /** Whether an OpenID token of the homeserver logs in. */
    readonly takesOpenId: boolean
  }
  readonly logging: {
    readonly level: 'debug' | 'info' | 'warn' | 'error'
    readonly format: 'auto' | 'json' | 'pretty'
  }
}
