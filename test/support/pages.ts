import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Router } from 'express'
import { avatarRoutes } from '../../src/web/avatar.ts'
import { isKeptApart } from '../../src/bridge/kept-apart.ts'
import { imageTypeOf } from '../../src/activitypub/image.ts'
import { pageRoutes, type PageDeps } from '../../src/web/pages/routes.ts'
import { asActivityId, asActorId, asMxc, asObjectId, asUserId } from '../../src/model/ids.ts'
import type { Change } from '../../src/model/change.ts'
import type { LocalActor, RemoteActor } from '../../src/model/actor.ts'
import type { ObjectRecord } from '../../src/model/note.ts'
import type { OutgoingNote } from '../../src/model/outgoing.ts'
import { openDatabase } from '../../src/store/database.ts'
import { createStore, type SqliteStore } from '../../src/store/store.ts'
import { createManualClock, type ManualClock } from './clock.ts'

/** The pages alone, on a real database in memory, at an address of their own on loopback. */
export type PagesStage = {
  readonly publicUrl: string
  readonly store: SqliteStore
  readonly clock: ManualClock
  readonly actorId: (name: string) => LocalActor['id']
  readonly objectId: (name: string) => ObjectRecord['id']
  /** Somebody of ours, on pages unless it is said. */
  readonly person: (
    name: string,
    more?: Partial<LocalActor>,
    page?: 'on' | 'off',
  ) => Promise<LocalActor>
  /** A post of one of them, called so. */
  readonly post: (
    author: string,
    name: string,
    more?: Partial<OutgoingNote> & { readonly record?: Partial<ObjectRecord> },
  ) => Promise<ObjectRecord>
  readonly commit: (...changes: readonly Change[]) => Promise<void>
  readonly close: () => Promise<void>
}

export type StageOptions = Partial<PageDeps> & {
  /** Pictures by the end of their mxc. */
  readonly pictures?: ReadonlyMap<string, Buffer>
}

export const stageStart = Date.UTC(2026, 10, 3, 14, 5)
const asPublic = 'https://www.w3.org/ns/activitystreams#Public'

function mediaRoutes(pictures: ReadonlyMap<string, Buffer>): Router {
  const router = express.Router()
  router.get('/media/:id', ({ params }, response, next) => {
    const bytes = pictures.get(params.id)
    if (bytes === undefined) next()
    else response.type('png').send(bytes)
  })
  return router
}

async function listen(): Promise<{ app: express.Express; server: Server; publicUrl: string }> {
  const app = express()
  app.disable('etag')
  app.set('query parser', 'simple')
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  return { app, server, publicUrl: `http://127.0.0.1:${port}` }
}

export function remoteOf(name: string, host: string, more: Partial<RemoteActor> = {}): RemoteActor {
  const id = asActorId(`https://${host}/users/${name}`)
  return {
    ...{ id, kind: 'Person', username: name, host, inbox: `${id}/inbox` },
    ...{ publicKeys: [], fetchedAt: 0, ...more },
  }
}

export const remotePost = (
  name: string,
  author: RemoteActor,
  more: Partial<ObjectRecord> = {},
): ObjectRecord => ({
  id: asObjectId(`https://${author.host}/notes/${name}`),
  author: author.id,
  isLocal: false,
  visibility: 'public',
  published: stageStart,
  to: [asPublic],
  cc: [],
  mentions: [],
  ...more,
})

const noteOf = (
  id: ObjectRecord['id'],
  author: LocalActor['id'],
  more: Partial<OutgoingNote>,
): OutgoingNote => ({
  ...{ id, author, content: '<p>Words.</p>', source: 'Words.', published: stageStart },
  ...{ url: id, context: `${id}/context`, to: [asPublic], cc: [], mentions: [], hashtags: [] },
  ...{ sensitive: false, attachments: [], emojis: [], ...more },
})

/** Starts it; what is answered by lookups of other servers, and the rest, may be given. */
export async function startPages({
  pictures = new Map(),
  ...given
}: StageOptions = {}): Promise<PagesStage> {
  const { app, server, publicUrl } = await listen()
  const clock = createManualClock(stageStart)
  const database = await openDatabase('sqlite::memory:')
  const store = createStore({ database, clock })
  const actorId = (name: string) => asActorId(`${publicUrl}/actors/${name}`)
  const objectId = (name: string) => asObjectId(`${publicUrl}/objects/${name}`)
  const identity = { publicUrl }
  app.use(
    avatarRoutes({
      ...{ publicUrl, imageTypeOf, findLocalActor: store.findLocalActor },
      readMedia: async (mxc) => pictures.get(mxc.split('/').at(-1) ?? ''),
    }),
    mediaRoutes(pictures),
    pageRoutes({
      ...store,
      ...{ publicUrl, handleDomain: 'hs.test', serverName: 'hs.test', clock },
      bot: asUserId('@apbot:hs.test'),
      about: { rules: [], blockedServers: 'shown' },
      blockedServers: store.domainBlocks,
      isApart: (ours, other) => isKeptApart(ours, other, { store, identity } as never),
      askTemplate: async () => undefined,
      takeLookup: () => 0,
      isPermitted: () => true,
      ...given,
    }),
  )
  const commit = (...changes: readonly Change[]) => store.commit(changes)
  return {
    ...{ publicUrl, store, clock, actorId, objectId, commit },
    async person(name, more = {}, page = 'on') {
      const userId = asUserId(`@${name}:hs.test`)
      const actor = { id: actorId(name), userId, username: name, createdAt: 0, ...more }
      await commit(
        { change: 'put-local-actor', actor },
        { change: 'put-setting', userId, name: 'web_page', value: page },
      )
      return actor
    },
    async post(author, name, { record = {}, ...more } = {}) {
      const [id, by] = [objectId(name), actorId(author)]
      const note = noteOf(id, by, more)
      const { to, cc, published, mentions, context } = note
      const object: ObjectRecord = {
        ...{ id, author: by, isLocal: true, visibility: 'public', url: note.url, note },
        ...{ to, cc, published, mentions, context, document: '{}' },
        ...(note.inReplyTo === undefined ? {} : { inReplyTo: note.inReplyTo }),
        ...record,
      }
      await commit(
        { change: 'put-object', object },
        {
          change: 'put-activity',
          id: asActivityId(id.replace('/objects/', '/activities/')),
          actor: by,
          document: JSON.stringify({ type: 'Create', object: { id } }),
          isPublic: object.visibility === 'public' || object.visibility === 'unlisted',
          at: published,
        },
      )
      return object
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      database.close()
    },
  }
}

/** A picture of a place in the homeserver, as `pictures` names it. */
export const pictureAt = (name: string) => asMxc(`mxc://hs.test/${name}`)
