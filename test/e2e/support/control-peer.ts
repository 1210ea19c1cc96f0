import path from 'node:path'
import { demand } from './json-http.ts'
import { repository, startProgram } from './process.ts'
import { freePort } from '../../support/free-port.ts'

export type PeerAccount = {
  readonly name: string
  readonly id: string
  readonly handle: string
  readonly inbox: string
}

/** One POST to an inbox of the peer, and what the peer answered (202 or 200 when it took it). */
export type Received = {
  readonly path: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly activity: ReceivedActivity
}

export type ReceivedActivity = {
  readonly id: string
  readonly type: string
  readonly actor: unknown
  readonly object?: unknown
  readonly [key: string]: unknown
}

export type Post = {
  /** HTML. */
  readonly content: string
  readonly visibility?: 'public' | 'unlisted' | 'followers' | 'direct'
  readonly inReplyTo?: string
  readonly summary?: string
  /** Actor ids: addressed, and tagged as mentions. */
  readonly mentions?: readonly string[]
  readonly attachments?: readonly PostedFile[]
  readonly emojis?: readonly PostedEmoji[]
  /** Fedify only: where it says that its original is (FEP-fffd). */
  readonly original?: string
  /** Ids that are addressed as well, without a mention. */
  readonly cc?: readonly string[]
}

/** `name` without colons. */
export type PostedEmoji = { readonly name: string; readonly url: string }

export type PostedFile = {
  readonly url: string
  readonly mediaType: string
  /** Alt text. */
  readonly name?: string
  readonly width?: number
  readonly height?: number
}

type Sent = { readonly activity: string }

/** A real federation server with accounts we speak for. `as` is an account's name; the rest are ids. */
export type ControlledPeer = {
  readonly url: string
  /** `POST <controlUrl>/<operation>` speaks for the accounts (test/peers/shared/control.mjs). */
  readonly controlUrl: string
  account(name: string): PeerAccount
  /** Every POST to any inbox since the start, in order. */
  received(since?: number): Promise<readonly Received[]>
  /** While on, every inbox answers 500 (and still records). */
  failInbox(on: boolean): Promise<void>
  /** While on, follows wait for `answerFollow`. */
  holdFollows(on: boolean): Promise<void>
  answerFollow(as: string, activity: string, accept: boolean): Promise<void>
  /** From now on it is so many milliseconds later there. */
  moveClock(ahead: number): Promise<void>
  followers(as: string): Promise<readonly string[]>
  following(as: string): Promise<readonly string[]>
  follow(as: string, actor: string): Promise<Sent>
  unfollow(as: string, actor: string, follow: Sent): Promise<void>
  block(as: string, actor: string): Promise<Sent>
  /** Tells the followers of a new display name. */
  rename(as: string, name: string): Promise<Sent>
  post(as: string, post: Post): Promise<Sent & { readonly object: string }>
  ask(
    as: string,
    content: string,
    options: readonly string[],
  ): Promise<Sent & { readonly object: string }>
  vote(
    as: string,
    poll: { readonly id: string; readonly by: string },
    choice: string,
  ): Promise<Sent>
  update(
    as: string,
    object: string,
    change: string | Pick<Post, 'content' | 'attachments'>,
  ): Promise<Sent>
  remove(as: string, object: string): Promise<Sent>
  like(as: string, object: string, author: string): Promise<Sent>
  /** A Dislike, or a Like that activitypub-express says with an emoji. */
  feel(
    as: string,
    about: { readonly object: string; readonly to: string },
    how: { readonly type: 'Like' | 'Dislike'; readonly content?: string },
  ): Promise<Sent>
  /** Fedify only: an EmojiReact with a custom emoji. */
  react(
    as: string,
    object: string,
    reaction: { readonly to: string; readonly emoji: PostedEmoji },
  ): Promise<Sent>
  boost(as: string, object: string, author: string): Promise<Sent>
  /** Takes back a reaction, a boost or a block. */
  undo(as: string, author: string, sent: Sent): Promise<void>
  /** Fedify only: posts what quotes another post, and asks that one's author (FEP-044f). */
  quote(
    as: string,
    quote: { readonly content: string; readonly quote: string; readonly to: string },
  ): Promise<Sent & { readonly object: string }>
  /** Fedify only: tells the readers of such a post of the permission. */
  stampQuote(as: string, object: string, stamp: string): Promise<Sent>
  /** Fedify only: answers a QuoteRequest that was received. */
  answerQuote(as: string, activity: string, accept: boolean): Promise<{ readonly stamp?: string }>
  /** Fedify only: takes such a permission back. */
  revokeQuote(as: string, stamp: string, to: string): Promise<Sent>
  /** Fedify only: pins a post on the profile, or takes it off. */
  feature(as: string, object: string, on: boolean): Promise<Sent>
  /** Fedify only: the ids of what an account has pinned, read as any server does. */
  readFeatured(as: string, actor: string): Promise<readonly string[]>
  /** Fedify with `chats` only: what stands in the chats of an account, its own and what it was told. */
  chats(as: string): Promise<readonly ChatLine[]>
  /** What befalls accounts themselves (test/peers/<name>/accounts.js). */
  readonly accounts: PeerAccounts
  /** Fedify only: every signed request to another server, by which kind, and its answer. */
  requested(since?: number): Promise<readonly Requested[]>
  /** Fedify only: a ChatMessage to that actor. */
  chat(
    as: string,
    message: { readonly to: string; readonly content?: string; readonly file?: PostedFile },
  ): Promise<Sent & { readonly object: string }>
  /** Fedify only: takes such a message back. */
  unchat(as: string, object: string, to: string): Promise<Sent>
  stop(): Promise<void>
  output(): string
}

export type Requested = {
  readonly method: string
  readonly url: string
  readonly scheme: 'rfc9421' | 'cavage'
  readonly status: number
}

/** What an account says of itself; `bridgeable` and `hides…` are of activitypub-express, the rest but `summary` of Fedify. */
export type Said = {
  /** HTML. */
  readonly summary?: string
  readonly bridgeable?: boolean
  /** What it writes for everybody, or unlisted, is on no page that everybody can open (GoToSocial). */
  readonly hidesToPublicFromUnauthedWeb?: boolean
  readonly hidesCcPublicFromUnauthedWeb?: boolean
  readonly discoverable?: boolean
  readonly indexable?: boolean
  readonly suspended?: boolean
  /** Where it says that its original is (FEP-fffd). */
  readonly original?: string
}

export type PeerAccounts = {
  /** Says this of itself from now on, and tells its followers, or waits until it is asked. */
  describe(as: string, said: Said, isTold?: boolean): Promise<Sent>
  /** Names another account as its own, from where it may move here. */
  alias(as: string, actor: string): Promise<void>
  /** Tells the followers that the account goes on as that one. */
  move(as: string, to: string): Promise<Sent>
  /** Tells the followers that the account is no more. */
  vanish(as: string): Promise<Sent>
  /** Tells the followers of another key, by the one of before. */
  rotateKey(as: string): Promise<Sent>
  flag(
    as: string,
    report: { readonly objects: readonly string[]; readonly to: string; readonly content: string },
  ): Promise<Sent>
  /** activitypub-express only: asks whether that account is there. */
  ping(as: string, to: string): Promise<Sent>
  /** activitypub-express only: asks to show that account in a collection (FEP-7aa9). */
  requestFeature(as: string, actor: string): Promise<Sent>
  /** activitypub-express only: what it keeps of an account elsewhere. */
  knows(actor: string): Promise<Readonly<Record<string, unknown>>>
  /** Fedify only: ids of what an account elsewhere has published, newest first. */
  readOutbox(as: string, actor: string): Promise<readonly string[]>
  /** A document of another server: Fedify signs the request, activitypub-express does not. */
  read(as: string, url: string): Promise<Readonly<Record<string, unknown>>>
  /** Fedify only: takes somebody for a follower who has not asked, or for none who has. */
  claim(as: string, actor: string, on: boolean): Promise<void>
  /** Fedify only: a post for the followers that says who they are (FEP-8fcf). */
  postCompared(as: string, content: string): Promise<Sent & { readonly object: string }>
}

export type ChatLine = {
  readonly id: string
  /** An actor id. */
  readonly from: string
  /** HTML. */
  readonly content?: string
  readonly file?: { readonly mediaType: string; readonly url: string }
}

export type PeerOptions = {
  readonly accounts: readonly string[]
  readonly locked?: boolean
  readonly port?: number
  /** What the bridge calls it (`names` in preloads.ts); absent: 127.0.0.1. */
  readonly host?: string
  readonly controlPort?: number
  /** Fedify only: signs by draft-cavage first, for servers that lose what RFC 9421 signs (snac). */
  readonly cavageFirst?: boolean
  /** Fedify only: refuses what is posted to it with any other signature than that of RFC 9421. */
  readonly newestOnly?: boolean
  /** Fedify only: its people have chats, as those of Pleroma do, and NodeInfo says so. */
  readonly chats?: boolean
  /** Fedify only: answers what is not signed by 401. */
  readonly secure?: boolean
  /** Fedify only: says in NodeInfo that it is this, and is spoken to like that. */
  readonly software?: string
}

/** activitypub-express in memory: draft-cavage signatures, no shared inbox, checks no digest. */
export const startApex = (options: PeerOptions): Promise<ControlledPeer> =>
  startPeer('apex', options)

/** Fedify in memory: RFC 9421 first, shared inbox, FEP-8b32 proofs, strict. */
export const startFedify = (options: PeerOptions): Promise<ControlledPeer> =>
  startPeer('fedify', options)

async function startPeer(name: 'apex' | 'fedify', options: PeerOptions): Promise<ControlledPeer> {
  const port = options.port ?? (await freePort())
  const control = options.controlPort ?? (await freePort())
  const controlUrl = `http://127.0.0.1:${control}`
  const ask = <T>(operation: string, json: Readonly<Record<string, unknown>> = {}): Promise<T> =>
    demand<T>({ method: 'POST', url: `${controlUrl}/${operation}`, json })
  const { host = '127.0.0.1' } = options
  const flags = [
    options.locked === true && '--locked',
    options.cavageFirst === true && '--cavage',
    options.newestOnly === true && '--newest',
    options.chats === true && '--chats',
    options.secure === true && '--secure',
    ...(options.software === undefined ? [] : ['--software', options.software]),
  ]
  let accounts: readonly PeerAccount[] = []
  const running = await startProgram({
    name,
    command: [
      process.execPath,
      path.join(repository, 'test/peers', name, 'server.js'),
      ...['--host', host, '--port', port.toString(), '--control', control.toString()],
      ...['--accounts', options.accounts.join(','), ...flags.filter((flag) => flag !== false)],
      ...(options.software === undefined ? [] : ['--software', options.software]),
    ],
    isReady: async () => {
      accounts = await ask<readonly PeerAccount[]>('accounts')
      return true
    },
  })
  return {
    url: `http://${host}:${port}`,
    controlUrl,
    account: (wanted) => {
      const account = accounts.find((candidate) => candidate.name === wanted)
      if (account === undefined) throw new Error(`${name} has no account ${wanted}`)
      return account
    },
    received: (since = 0) => ask('received', { since }),
    failInbox: (on) => ask('fail', { on }),
    holdFollows: (on) => ask('hold', { on }),
    answerFollow: (as, activity, accept) => ask('answer', { as, activity, accept }),
    moveClock: (ahead) => ask('clock', { ahead }),
    followers: (as) => ask('followers', { as }),
    following: (as) => ask('following', { as }),
    follow: (as, actor) => ask('follow', { as, actor }),
    unfollow: (as, actor, { activity }) => ask('unfollow', { as, actor, activity }),
    block: (as, actor) => ask('block', { as, actor }),
    rename: (as, displayName) => ask('rename', { as, name: displayName }),
    post: (as, post) => ask('post', { as, ...post }),
    ask: (as, content, options) => ask('ask', { as, content, options }),
    vote: (as, { id, by }, choice) => ask('vote', { as, poll: id, to: by, choice }),
    update: (as, object, change) =>
      ask('update', { as, object, ...(typeof change === 'string' ? { content: change } : change) }),
    remove: (as, object) => ask('remove', { as, object }),
    like: (as, object, to) => ask('like', { as, object, to }),
    feel: (as, about, how) => ask('like', { as, ...about, ...how }),
    react: (as, object, reaction) => ask('react', { as, object, ...reaction }),
    boost: (as, object, to) => ask('boost', { as, object, to }),
    undo: (as, to, { activity }) => ask('undo', { as, to, activity }),
    quote: (as, quote) => ask('quote', { as, ...quote }),
    stampQuote: (as, object, stamp) => ask('stamp', { as, object, stamp }),
    answerQuote: (as, activity, accept) => ask('answerQuote', { as, activity, accept }),
    revokeQuote: (as, stamp, to) => ask('revokeQuote', { as, stamp, to }),
    feature: (as, object, on) => ask('feature', { as, object, on }),
    readFeatured: (as, actor) => ask('readFeatured', { as, actor }),
    accounts: {
      describe: (as, said, isTold = true) => ask('describe', { as, said, isTold }),
      alias: (as, actor) => ask('alias', { as, actor }),
      move: (as, to) => ask('move', { as, to }),
      vanish: (as) => ask('vanish', { as }),
      rotateKey: (as) => ask('rotateKey', { as }),
      flag: (as, report) => ask('flag', { as, ...report }),
      ping: (as, to) => ask('ping', { as, to }),
      requestFeature: (as, actor) => ask('requestFeature', { as, actor }),
      knows: (actor) => ask('knows', { actor }),
      readOutbox: (as, actor) => ask('readOutbox', { as, actor }),
      read: (as, url) => ask('read', { as, url }),
      claim: (as, actor, on) => ask('claim', { as, actor, on }),
      postCompared: (as, content) => ask('postCompared', { as, content }),
    },
    requested: (since = 0) => ask('requested', { since }),
    chats: (as) => ask('chats', { as }),
    chat: (as, message) => ask('chat', { as, ...message }),
    unchat: (as, object, to) => ask('unchat', { as, object, to }),
    stop: () => running.stop(),
    output: () => running.output(),
  }
}
