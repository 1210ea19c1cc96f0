import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { Change } from '../src/model/change.ts'
import type { LocalActor, RemoteActor } from '../src/model/actor.ts'
import { signRequestInPool, type Scheme } from '../src/activitypub/signature.ts'
import { createSystemClock } from '../src/net/clock.ts'
import { asActivityId, asActorId, asRoomId, asUserId } from '../src/model/ids.ts'
import { openDatabase } from '../src/store/database.ts'
import { createStore } from '../src/store/store.ts'
import type { Request } from './load.ts'

export const serverName = 'matrix.test'
export const bot = asUserId(`@apbot:${serverName}`)
export const tokens = {
  as: 'as-token-0123456789abcdef',
  hs: 'hs-token-0123456789abcdef',
  encryption: 'encryption-key-0123456789abcdef-0123456789abcdef',
}

/** A remote account whose posts the bridge shows in a room. */
export type Author = {
  readonly actor: RemoteActor
  readonly ghost: string
  readonly room: string
  readonly key: { readonly keyId: string; readonly privateKey: KeyObject }
}

const pems = new Map<number, { publicPem: string; privateKey: KeyObject }>()

/** RSA-2048, as the fediverse has them; four serve all accounts, because they are slow to make. */
function keyAt(index: number): { publicPem: string; privateKey: KeyObject } {
  const known = pems.get(index % 4)
  if (known !== undefined) return known
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const made = {
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKey,
  }
  pems.set(index % 4, made)
  return made
}

/** `origin`: of their server, where their inbox is. */
export function makeAuthors(count: number, origin: string): Author[] {
  const { host } = new URL(origin)
  return Array.from({ length: count }, (_, index) => {
    const id = asActorId(`${origin}/users/author${index}`)
    const keyId = `${id}#main-key`
    const { publicPem, privateKey } = keyAt(index)
    const actor: RemoteActor = {
      ...{ id, kind: 'Person', username: `author${index}`, host, name: `Author ${index}` },
      ...{ inbox: `${id}/inbox`, sharedInbox: `${origin}/inbox`, followers: `${id}/followers` },
      url: `${origin}/@author${index}`,
      publicKeys: [{ id: keyId, owner: id, pem: publicPem }],
      fetchedAt: Date.now(),
    }
    return {
      actor,
      ghost: `@_ap_author${index}_${host.replace(':', '=3a')}:${serverName}`,
      room: `!room${index}-${host.replace(':', '-')}:${serverName}`,
      key: { keyId, privateKey },
    }
  })
}

/** Authors of several servers: no single one may leave this much waiting. */
export const makeManyAuthors = (count: number): Author[] =>
  Array.from({ length: 10 }, (_, n) => makeAuthors(count / 10, `https://social${n}.example`)).flat()

export const aliceOf = (publicUrl: string): LocalActor => ({
  id: asActorId(`${publicUrl}/actors/AAAAAAAAAAAAAAAAAAAAAA`),
  userId: asUserId(`@alice:${serverName}`),
  username: 'alice',
  createdAt: 0,
})

export const aliceRoom = asRoomId(`!alice:${serverName}`)

const join = (room: string, ...userIds: string[]): Change[] =>
  userIds.map((userId) => ({
    change: 'put-membership',
    roomId: asRoomId(room),
    userId: asUserId(userId),
    membership: 'join',
  }))

/** The account, its ghost, and its portal with Alice, who follows it and is followed back by the first. */
function changesFor({ actor, ghost, room }: Author, alice: LocalActor, isFirst: boolean): Change[] {
  const follow = {
    state: 'accepted',
    requestedAt: 0,
    withReplies: false,
    withBoosts: true,
    shownIn: 'room',
  } as const
  const ours = { follower: alice.id, followed: actor.id }
  const theirs = { follower: actor.id, followed: alice.id }
  const row = { actorId: actor.id, userId: asUserId(ghost), registered: true }
  return [
    { change: 'put-remote-actor', actor },
    { change: 'put-ghost', ghost: { ...row, displayName: actor.name ?? '' } },
    { change: 'put-portal', portal: { kind: 'actor', actorId: actor.id, roomId: asRoomId(room) } },
    ...join(room, bot, ghost, alice.userId),
    {
      change: 'put-follow',
      follow: { ...ours, ...follow, activityId: asActivityId(`${alice.id}#follow ${actor.id}`) },
    },
    ...(isFirst
      ? [
          {
            change: 'put-follow',
            follow: { ...theirs, ...follow, activityId: asActivityId(`${actor.id}#follow`) },
          } as const,
        ]
      : []),
  ]
}

/** A database as it is after a while: portals, ghosts, follows. */
export async function seedDatabase(
  url: string,
  publicUrl: string,
  authors: readonly Author[],
): Promise<void> {
  const database = await openDatabase(url)
  const store = createStore({ database, clock: createSystemClock() })
  const alice = aliceOf(publicUrl)
  const { id: actorId, userId } = alice
  await store.commit([
    { change: 'put-local-actor', actor: alice },
    { change: 'put-portal', portal: { kind: 'profile', roomId: aliceRoom, userId, actorId } },
    ...join(aliceRoom, bot, alice.userId),
    ...authors.flatMap((author, index) => changesFor(author, alice, index === 0)),
  ])
  database.close()
}

const words =
  'The ferry leaves at nine; whoever is late takes the bridge, which was built for <em>them</em>.'

/** A post as Mastodon delivers it. */
function createNote({ actor }: Author, number: number): Record<string, unknown> {
  const id = `${actor.id}/statuses/${number}`
  const published = new Date().toISOString()
  const to = ['https://www.w3.org/ns/activitystreams#Public']
  const cc = [actor.followers]
  const content = `<p>${words} (${number})</p><p><a href="https://example.org/timetable" rel="nofollow noopener" target="_blank"><span class="invisible">https://</span><span class="">example.org/timetable</span><span class="invisible"></span></a></p>`
  return {
    '@context': [
      'https://www.w3.org/ns/activitystreams',
      {
        ostatus: 'http://ostatus.org#',
        atomUri: 'ostatus:atomUri',
        inReplyToAtomUri: 'ostatus:inReplyToAtomUri',
        conversation: 'ostatus:conversation',
        sensitive: 'as:sensitive',
        toot: 'http://joinmastodon.org/ns#',
        votersCount: 'toot:votersCount',
      },
    ],
    ...{ id: `${id}/activity`, type: 'Create', actor: actor.id, published, to, cc },
    object: {
      ...{ id, type: 'Note', summary: null, inReplyTo: null, published, to, cc },
      ...{ url: `${actor.url}/${number}`, attributedTo: actor.id, sensitive: false, atomUri: id },
      ...{ inReplyToAtomUri: null, conversation: `tag:bench,2025:objectId=${number}` },
      ...{ content, contentMap: { en: content }, attachment: [], tag: [] },
      replies: {
        id: `${id}/replies`,
        type: 'Collection',
        first: {
          type: 'CollectionPage',
          next: `${id}/replies?only_other_accounts=true&page=true`,
          partOf: `${id}/replies`,
          items: [],
        },
      },
    },
  }
}

let numbered = 0

/** New posts of all authors in turn, signed for that inbox. */
export async function signedPosts(
  authors: readonly Author[],
  inbox: string,
  { count, scheme = 'cavage' }: { readonly count: number; readonly scheme?: Scheme },
): Promise<Request[]> {
  const one = async (index: number): Promise<Request> => {
    const author = authors[index % authors.length]
    if (author === undefined) throw new Error('no authors')
    const body = JSON.stringify(createNote(author, ++numbered))
    const date = new Date()
    const headers = await signRequestInPool({
      ...{ method: 'POST', url: inbox, body, date, scheme },
      ...author.key,
    })
    return { method: 'POST', path: new URL(inbox).pathname, headers, body }
  }
  return Promise.all(Array.from({ length: count }, (_, index) => one(index)))
}

/** A transaction of `count` messages in `rooms` rooms. */
export function transaction(
  name: string,
  { count, rooms }: { readonly count: number; readonly rooms: readonly string[] },
): Request {
  const events = Array.from({ length: count }, (_, index) => ({
    ...{ type: 'm.room.message', sender: `@alice:${serverName}`, age: 40 },
    room_id: rooms[index % rooms.length] ?? '',
    event_id: `$${name}-${index}-0123456789012345678901234567890`,
    origin_server_ts: Date.now(),
    unsigned: { age: 40 },
    content: { msgtype: 'm.text', body: `${words} (${index})`, 'm.mentions': {} },
  }))
  return {
    method: 'PUT',
    path: `/_matrix/app/v1/transactions/${name}`,
    headers: { authorization: `Bearer ${tokens.hs}`, 'content-type': 'application/json' },
    body: JSON.stringify({ events }),
  }
}
