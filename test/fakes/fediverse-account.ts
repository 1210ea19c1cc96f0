import { fakeKey, signPost } from './fediverse-signature.ts'
import type { FakeKey, Signed } from './fediverse-signature.ts'

export type Document = Readonly<Record<string, unknown>>

const activityStreams = 'https://www.w3.org/ns/activitystreams'
export const everybody = `${activityStreams}#Public`

/** An activity of an account, with a request that brings it to the bridge's inbox. Sign it anew (`sign`) to send it again later. */
export type Sent = Signed & {
  readonly id: string
  /** The id of the note, where it is about one. */
  readonly object: string
  readonly activity: Document
  readonly by: Account
}

export type PostOptions = {
  readonly content?: string
  readonly visibility?: 'public' | 'unlisted' | 'followers' | 'direct'
  /** Mentioned, and so addressed. */
  readonly mentions?: readonly { readonly id: string; readonly name: string }[]
  readonly inReplyTo?: string
  readonly summary?: string
  readonly context?: string
  /** Members that stand over what is made. */
  readonly extra?: Document
}

/** What an account needs of the world around it. */
export type World = {
  readonly now: () => number
  /** Unique within the fediverse; counts up, so that a run repeats exactly. */
  readonly nextNumber: () => number
  /** Where the bridge takes activities. */
  readonly bridgeInbox: string
  readonly scheme: 'https' | 'http'
}

/** An account of a simulated server: Mastodon-like, driven by the test. */
export class Account {
  readonly id: string
  readonly username: string
  readonly host: string
  /** Ids of local actors whose Follow it accepted. */
  readonly followers = new Set<string>()
  /** Its notes, as they are now; a Tombstone where one was deleted. */
  readonly notes = new Map<string, Document>()
  /** What its outbox has besides its notes. */
  boosts: readonly Document[] = []
  /** Answers a Follow by itself. */
  autoAccept = true
  isDeleted = false
  profile: Document = {}
  readonly #world: World
  #keyIndex: number

  constructor(address: { username: string; host: string }, world: World) {
    this.username = address.username
    this.host = address.host
    this.#world = world
    this.id = `${world.scheme}://${address.host}/users/${address.username}`
    this.#keyIndex = world.nextNumber()
  }

  get handle(): string {
    return `@${this.username}@${this.host}`
  }
  get inbox(): string {
    return `${this.id}/inbox`
  }
  get keyId(): string {
    return `${this.id}#main-key`
  }
  get key(): FakeKey {
    return fakeKey(this.#keyIndex)
  }
  /** From now on another key signs, under the same id, without notice. */
  rotateKey(): void {
    this.#keyIndex++
  }

  /** As GET answers it. `sharedInbox` is the server's, where it has one. */
  document(sharedInbox: string | undefined): Document {
    return {
      '@context': [activityStreams, 'https://w3id.org/security/v1'],
      id: this.id,
      type: 'Person',
      preferredUsername: this.username,
      name: this.username,
      url: `${this.#world.scheme}://${this.host}/@${this.username}`,
      inbox: this.inbox,
      outbox: `${this.id}/outbox`,
      followers: `${this.id}/followers`,
      following: `${this.id}/following`,
      ...(sharedInbox === undefined ? {} : { endpoints: { sharedInbox } }),
      publicKey: { id: this.keyId, owner: this.id, publicKeyPem: this.key.pem },
      ...this.profile,
    }
  }

  /** Signs any activity, dated now. */
  sign(activity: Document, inbox = this.#world.bridgeInbox): Sent {
    const body = Buffer.from(JSON.stringify(activity))
    const key = this.key.privateKey
    const signed = signPost(inbox, body, { keyId: this.keyId, key, now: this.#world.now() })
    const { object, id } = activity
    return { ...signed, id: String(id), object: idOf(object), activity, by: this }
  }

  /** Publishes a note and tells it by Create. */
  post(options: PostOptions = {}): Sent {
    const id = `${this.id}/statuses/${this.#world.nextNumber()}`
    const published = this.#date()
    const mentions = options.mentions ?? []
    const audience = this.#audience(options)
    const note = {
      id,
      type: 'Note',
      attributedTo: this.id,
      published,
      url: `${this.#world.scheme}://${this.host}/@${this.username}/${id.split('/').at(-1) ?? ''}`,
      ...audience,
      summary: options.summary ?? null,
      sensitive: options.summary !== undefined,
      inReplyTo: options.inReplyTo ?? null,
      context:
        options.context ??
        `${this.#world.scheme}://${this.host}/contexts/${id.split('/').at(-1) ?? ''}`,
      content: `<p>${options.content ?? 'hello'}</p>`,
      attachment: [],
      tag: mentions.map(({ id: href, name }) => ({ type: 'Mention', href, name })),
      replies: `${id}/replies`,
      ...options.extra,
    }
    this.notes.set(id, note)
    return this.#tell({
      id: `${id}/activity`,
      type: 'Create',
      published,
      ...audience,
      object: note,
    })
  }

  /** Changes the text of one of its notes. */
  edit(object: string, content: string): Sent {
    const updated = this.#date()
    const note = { ...this.notes.get(object), content: `<p>${content}</p>`, updated }
    this.notes.set(object, note)
    const { to, cc } = this.#addressees(object)
    return this.#tell({
      id: `${object}#updates/${this.#next()}`,
      type: 'Update',
      to,
      cc,
      object: note,
    })
  }

  delete(object: string): Sent {
    const { to, cc } = this.#addressees(object)
    const tombstone = { id: object, type: 'Tombstone', atomUri: object }
    this.notes.set(object, { ...tombstone, to, cc })
    return this.#tell({ id: `${object}#delete`, type: 'Delete', to, cc, object: tombstone })
  }

  /** Asks `options` of its readers. */
  ask(
    options: readonly string[],
    post: PostOptions & { readonly isMultiple?: boolean } = {},
  ): Sent {
    const { isMultiple = false, ...rest } = post
    const members = {
      type: 'Question',
      [isMultiple ? 'anyOf' : 'oneOf']: options.map((name) => ({
        type: 'Note',
        name,
        replies: { type: 'Collection', totalItems: 0 },
      })),
      votersCount: 0,
    }
    return this.post({ ...rest, extra: { ...members, ...rest.extra } })
  }

  /** Says by Update how a post is now, without a new date. */
  amend(object: string, change: Document): Sent {
    const note = { ...this.notes.get(object), ...change }
    this.notes.set(object, note)
    const { to, cc } = this.#addressees(object)
    const id = `${object}#updates/${this.#next()}`
    return this.#tell({ id, type: 'Update', to, cc, object: note })
  }

  /** Votes in somebody's poll: as Mastodon with one choice, as GoToSocial with several at once. */
  vote(poll: string, author: string, ...choices: readonly string[]): Sent {
    const votes = choices.map((name) => ({
      id: `${this.id}#votes/${this.#next()}`,
      type: 'Note',
      attributedTo: this.id,
      to: [author],
      inReplyTo: poll,
      name,
    }))
    const object = votes.length === 1 ? votes[0] : votes
    const id = `${this.id}#votes/${this.#next()}/activity`
    return this.#tell({ id, type: 'Create', to: [author], object })
  }

  follow = (object: string): Sent => this.#simple('Follow', object)
  like = (object: string): Sent => this.#simple('Like', object)
  block = (object: string): Sent => this.#simple('Block', object)

  /** Answers a Follow of a local actor, given whole. */
  accept(follow: Document): Sent {
    this.followers.add(String(follow['actor']))
    return this.#simple('Accept', follow)
  }
  /** Refuses a Follow, or removes a follower. */
  reject(follow: Document): Sent {
    this.followers.delete(String(follow['actor']))
    return this.#simple('Reject', follow)
  }
  /** Takes back what it sent before. */
  boost(object: string): Sent {
    const sent = this.#simple('Announce', object, [everybody])
    this.boosts = [...this.boosts, { ...sent.activity, published: this.#date() }]
    return sent
  }
  emojiReact(object: string, content: string): Sent {
    const id = `${this.id}#reactions/${this.#next()}`
    return this.#tell({ id, type: 'EmojiReact', content, object })
  }
  undo({ activity, id }: Sent): Sent {
    this.boosts = this.boosts.filter((boost) => boost['id'] !== id)
    return this.#simple('Undo', { ...activity, '@context': undefined })
  }
  /** Changes the profile (`name`, `summary`, `icon` …) and tells it. */
  updateProfile(change: Document, sharedInbox?: string): Sent {
    this.profile = { ...this.profile, ...change }
    return this.#simple('Update', this.document(sharedInbox), [everybody])
  }
  /** The account goes: it answers 410 from now on. */
  deleteActor(): Sent {
    this.isDeleted = true
    return this.#simple('Delete', this.id, [everybody])
  }

  #next = (): number => this.#world.nextNumber()
  #date = (): string => new Date(this.#world.now()).toISOString()

  #simple(type: string, object: unknown, to: readonly string[] = []): Sent {
    const id = `${this.id}#${type.toLowerCase()}s/${this.#next()}`
    return this.#tell({ id, type, ...(to.length > 0 ? { to } : {}), object })
  }

  #tell(activity: Document): Sent {
    return this.sign({ '@context': activityStreams, actor: this.id, ...activity })
  }

  #addressees(object: string): { readonly to: unknown; readonly cc: unknown } {
    const note = this.notes.get(object)
    if (note === undefined) throw new Error(`${this.handle} never wrote ${object}`)
    return { to: note['to'], cc: note['cc'] }
  }

  #audience({ visibility = 'public', mentions = [] }: PostOptions) {
    const people = mentions.map(({ id }) => id)
    const followers = `${this.id}/followers`
    switch (visibility) {
      case 'public':
        return { to: [everybody], cc: [followers, ...people] }
      case 'unlisted':
        return { to: [followers], cc: [everybody, ...people] }
      case 'followers':
        return { to: [followers], cc: people }
      case 'direct':
        return { to: people, cc: [] }
    }
  }
}

/** The id of an object that may be one, or stand there whole. */
export function idOf(object: unknown): string {
  if (typeof object === 'string') return object
  const hasId = typeof object === 'object' && object !== null && 'id' in object
  return hasId && typeof object.id === 'string' ? object.id : ''
}
