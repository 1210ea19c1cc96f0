import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { asActivityId, asActorId, asObjectId, asUserId } from '../../src/model/ids.ts'
import type { ObjectRecord } from '../../src/model/note.ts'
import type { Visibility } from '../../src/model/audience.ts'
import { RejectedError } from '../../src/model/errors.ts'
import type { InboxRequest } from '../../src/activitypub/inbox.ts'
import { activityPubRoutes, behind } from '../../src/activitypub/routes.ts'
import type { RoutesDeps } from '../../src/activitypub/routes.ts'
import { createSerializer } from '../../src/activitypub/serialize.ts'
import { signRequest } from '../../src/activitypub/signature.ts'
import { testKeys } from '../support/keys.ts'
import { createFediverse, everybody } from '../fakes/fediverse.ts'

export const publicUrl = 'https://fedi.here.example'
export const alice = asActorId(`${publicUrl}/actors/A1`)
export const context = `${publicUrl}/contexts/c1`
export const now = Date.UTC(2024, 0, 1)

const actor = (name: string, deletedAt?: number) => ({
  id: asActorId(`${publicUrl}/actors/${name}`),
  userId: asUserId(`@${name.toLowerCase()}:here.example`),
  username: name === 'A1' ? 'alice' : name,
  createdAt: 0,
  ...(deletedAt === undefined ? {} : { deletedAt }),
})
const actors = [actor('A1'), actor('gone', now), { ...actor('garden'), group: {} }]
const gone = asActorId(`${publicUrl}/actors/gone`)

type Kept = { readonly visibility: Visibility; readonly to: string[]; readonly deletedAt?: number }
const keep = (name: string, { visibility, to, deletedAt }: Kept): ObjectRecord => ({
  id: asObjectId(`${publicUrl}/objects/${name}`),
  author: alice,
  isLocal: true,
  visibility,
  to,
  cc: [],
  published: 0,
  mentions: [],
  ...(deletedAt === undefined ? { document: `{"name":"${name}"}` } : { deletedAt }),
})
const bob = 'https://remote.example/users/bob'
const objects = [
  keep('public', { visibility: 'public', to: [everybody] }),
  keep('followers', { visibility: 'followers', to: [`${alice}/followers`] }),
  keep('direct', { visibility: 'direct', to: [bob] }),
  keep('deleted', { visibility: 'public', to: [everybody], deletedAt: now }),
  keep('deleted-direct', { visibility: 'direct', to: [bob], deletedAt: now }),
  { ...keep('of-gone', { visibility: 'public', to: [everybody] }), author: gone },
  { ...keep('foreign', { visibility: 'public', to: [everybody] }), isLocal: false },
]
const creates = objects.map((object) => {
  const name = object.id.split('/').at(-1) ?? ''
  const { id, to } = object
  return {
    id: asActivityId(`${publicUrl}/activities/${name}`),
    actor: object.author,
    document: JSON.stringify({ type: 'Create', to, object: { id, type: 'Note', name } }),
    isPublic: object.visibility === 'public',
  }
})

/** What says that somebody is gone, until everybody has heard it. */
const farewell = {
  id: asActivityId(`${publicUrl}/activities/farewell`),
  actor: gone,
  document: JSON.stringify({ type: 'Delete', to: [everybody], object: gone }),
  isPublic: true,
}
const activities = [...creates, farewell]

const stamps = ['s1', 'revoked', 'of-gone'].map((name) => ({
  id: asObjectId(`${publicUrl}/stamps/${name}`),
  attributedTo: name === 'of-gone' ? gone : alice,
  interactingObject: asObjectId('https://remote.example/notes/9'),
  interactionTarget: asObjectId(`${publicUrl}/objects/public`),
  quoter: asActorId(bob),
  createdAt: 0,
  ...(name === 'revoked' ? { revokedAt: now } : {}),
}))

/** Who asks; undefined: nobody signs. */
export type Reader =
  | undefined
  | 'bob'
  | 'follower'
  | 'stranger'
  | 'blocked'
  | 'blockedFollower'
  | 'blockedAddressee'
  | 'outcast'

/** The routes with a small world behind them, on a loopback port. Close it. */
export async function startRoutes(change: Partial<RoutesDeps> = {}, limits: object = {}) {
  // Nobody is ever late, unless a test says so.
  const clock = { now: () => now, sleep: () => new Promise<void>(() => undefined) }
  const fediverse = createFediverse({ clock, publicUrl, findKey: async () => undefined })
  const people = {
    bob: fediverse.account('bob', 'remote.example'),
    follower: fediverse.account('carol', 'follower.example'),
    stranger: fediverse.account('eve', 'stranger.example'),
    blocked: fediverse.account('mallory', 'blocked.example'),
    /** On the server of a follower and of an addressee, and blocked by alice all the same. */
    blockedFollower: fediverse.account('dave', 'follower.example'),
    blockedAddressee: fediverse.account('dan', 'remote.example'),
    /** Everything of its server is blocked here. */
    outcast: fediverse.account('ivan', 'outcast.example'),
  }
  const received: InboxRequest[] = []
  const ids = [3, 2, 1].map((n) => asActorId(`https://remote.example/users/${n}`))
  const firstOrRest = async (_id: string, { before }: { before?: number }) =>
    before === undefined ? { items: ids.slice(0, 2), next: 2 } : { items: ids.slice(2) }
  const keyFor = async (keyId: string) => {
    const found = Object.values(people).find((a) => a.keyId === keyId)
    if (found === undefined) throw new RejectedError('no such key')
    return { owner: asActorId(found.id), key: found.key.publicKey }
  }
  const deps: RoutesDeps = {
    publicUrl,
    handleDomain: 'here.example',
    serializer: createSerializer({
      publicUrl,
      handleDomain: 'here.example',
      bridgeName: 'The bridge',
      findKeys: testKeys,
      clock,
    }),
    keysFor: async (id) => testKeys(id),
    keyring: { keyFor, refetch: keyFor },
    clock,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    inbox: async (request) => {
      received.push(request)
      return { status: 202 }
    },
    isBlocked: async (id) => id === people.outcast.id,
    findLocalActor: async (id) => actors.find((a) => a.id === id),
    findLocalActorByUsername: async (name) =>
      actors.find((a) => a.username.toLowerCase() === name.toLowerCase()),
    findObject: async (id) => objects.find((o) => o.id === id),
    findStamp: async (id) => stamps.find((one) => one.id === id),
    findActivity: async (id) => activities.find((a) => a.id === id),
    fetchMode: 'signed',
    unsignedFetchFrom: [],
    followersOn: async (_id, base) =>
      [people.follower.id, people.blockedFollower.id]
        .filter((id) => id.startsWith(base))
        .map(asActorId),
    findBlock: async (blocker, blocked) =>
      blocker === alice &&
      [people.blocked, people.blockedFollower, people.blockedAddressee].some(
        (a) => a.id === blocked,
      )
        ? { blocker, blocked, activityId: asActivityId(`${alice}/block`) }
        : undefined,
    nodeInfo: async () => ({
      name: 'The bridge',
      description: 'Test',
      version: '1.2.3',
      repository: 'https://code.example/footbridge',
      isOpen: false,
      users: 3,
      activeMonth: 1,
      activeHalfyear: 2,
      posts: 2,
      comments: 5,
    }),
    outboxPage: async () => ({ items: ['{"type":"Create"}'] }),
    outboxCount: async () => 1,
    repliesPage: async () => ({ items: [asObjectId('https://remote.example/notes/1')] }),
    repliesCount: async () => 1,
    likesCount: async () => 4,
    sharesCount: async () => 7,
    contextPage: async () => ({ items: [asObjectId(`${publicUrl}/objects/public`)] }),
    contextCount: async () => 1,
    contextOwner: async (id) => (id === context ? alice : undefined),
    findSetting: async () => undefined,
    followersPage: firstOrRest,
    followersCount: async () => 3,
    followingPage: async () => ({ items: [] }),
    followingCount: async () => 0,
    featuredBy: async () => ['1', '2'].map((name) => asObjectId(`${publicUrl}/objects/${name}`)),
    ...change,
  }
  const app = express()
  const { front, routes } = activityPubRoutes(deps)
  app.use(routes)
  app.use((_request, response) => {
    response.status(418).end('somebody else')
  })
  const server = createServer(limits, behind(front, app))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const base = `http://127.0.0.1:${port}`

  /** Status, media type and body of a GET, signed by an account where one is named. */
  const get = async (path: string, by?: Reader, more: Record<string, string> = {}) => {
    const signed = by === undefined ? {} : signGet(path, people[by])
    const headers = { accept: 'application/activity+json', ...signed, ...more }
    const response = await fetch(base + path, { headers })
    const text = await response.text()
    return { status: response.status, type: response.headers.get('content-type'), text, response }
  }
  const close = () => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  }
  return { get, base, port, received, people, close }
}

function signGet(path: string, by: ReturnType<ReturnType<typeof createFediverse>['account']>) {
  const headers = signRequest({
    method: 'GET',
    url: publicUrl + path,
    keyId: by.keyId,
    privateKey: by.key.privateKey,
    date: new Date(now),
  })
  // The socket's own host stands on the wire, as behind a proxy that rewrites it.
  return { date: headers['date'] ?? '', signature: headers['signature'] ?? '' }
}
