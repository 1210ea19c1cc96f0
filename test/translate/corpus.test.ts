import { existsSync, globSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import type { Activity } from '../../src/model/activity.ts'
import type { KnownForMatrix } from '../../src/translate/known.ts'
import type { LocalActor, RemoteActor } from '../../src/model/actor.ts'
import type { Note, ObjectRecord } from '../../src/model/note.ts'
import { RejectedError } from '../../src/model/errors.ts'
import {
  asActivityId,
  asActorId,
  asEventId,
  asObjectId,
  asRoomId,
  asUserId,
} from '../../src/model/ids.ts'
import { parseActivity, parseActor, parseNote } from '../../src/activitypub/parse.ts'
import { toMatrix } from '../../src/translate/to-matrix.ts'

const folder = new URL('../../../shared/fixtures/', import.meta.url).pathname
const paths = existsSync(folder) ? globSync('*/*.json', { cwd: folder }).sort() : []
const now = Date.parse('2026-08-01')

const alice: LocalActor = {
  id: asActorId('https://us.test/alice'),
  userId: asUserId('@alice:us.test'),
  username: 'alice',
  createdAt: 0,
}

/** An author that we know, whatever their document says. */
function actorAt(id: string): RemoteActor {
  const actorId = asActorId(id)
  const { host } = new URL(id)
  return {
    id: actorId,
    kind: 'Person',
    username: 'someone',
    host,
    inbox: `${id}/inbox`,
    publicKeys: [],
    fetchedAt: now,
  }
}

const wrapped = (id: string, actor: string) => ({
  id: asActivityId(`${id}#by-us`),
  actor: asActorId(actor),
})

/** Reads a document as what it may be: an activity, a post that is created, an actor that changes; or why it is none. */
function readAny(document: unknown): Activity | string {
  const readers: (() => Activity)[] = [
    () => {
      const actor = parseActor(document, now)
      return { ...wrapped(actor.id, actor.id), type: 'update-actor', document: actor }
    },
    () => {
      const note = parseNote(document)
      const object = { ref: note.id, embedded: note }
      return { ...wrapped(note.id, note.author), type: 'create', object }
    },
    () => parseActivity(document, now),
  ]
  const results = readers.map(orCode)
  const codes = results.filter((result) => typeof result === 'string')
  const activity = results.find((result) => typeof result !== 'string')
  return activity ?? codes.find((code) => code !== 'not-activitypub') ?? 'not-activitypub'
}

/** What it gives, or the code of its refusal. Anything else that is thrown is a bug. */
function orCode<Value>(read: () => Value): Value | string {
  try {
    return read()
  } catch (error) {
    if (error instanceof RejectedError) return error.code ?? 'no code'
    throw error
  }
}

/** A post of ours, or of the author, that everything refers to; alice sees it. */
function recordAt(id: string, author: string, isLocal: boolean): ObjectRecord {
  return {
    id: asObjectId(id),
    author: asActorId(author),
    isLocal,
    visibility: 'public',
    to: [],
    cc: [],
    published: now,
    mentions: [],
  }
}

/** The author is followed, has a room, and addresses alice besides; what is referred to is known. */
function generousKnown(activity: Activity): KnownForMatrix {
  const ghost = asUserId('@_ap_someone:us.test')
  const author = { actor: actorAt(activity.actor), ghost }
  const roomId = asRoomId('!room')
  const room = {
    portal: { kind: 'actor' as const, actorId: activity.actor, roomId },
    members: new Set([alice.userId, ghost]),
  }
  const carried =
    activity.type === 'create' || activity.type === 'update-note'
      ? activity.object.embedded
      : undefined
  const note: Note | undefined = carried && { ...carried, cc: [...carried.cc, alice.id] }
  const object = 'object' in activity && typeof activity.object === 'string' ? activity.object : ''
  const owner = activity.type === 'react' ? alice.id : activity.actor
  const old = activity.type === 'update-note' ? activity.object.ref : object
  const mapping = { remoteId: asObjectId(old), roomId, part: 0, eventId: asEventId('$old') }
  const relation = {
    activityId: activity.id,
    withReplies: false,
    withBoosts: true,
    requestedAt: 0,
  } as const
  const follows = activity.type === 'accept' || activity.type === 'reject'
  const undone = activity.type === 'undo' ? activity.target.type : undefined
  const ours = { ...relation, follower: alice.id, followed: activity.actor } as const
  const theirs = { ...relation, follower: activity.actor, followed: alice.id } as const
  return {
    now,
    handleDomain: 'us.test',
    author,
    ...(note === undefined ? {} : { note }),
    ancestors: [],
    actors: new Map(),
    locals: new Map([
      [alice.id, alice],
      [asActorId(object), alice],
    ]),
    objects: new Map([[old, recordAt(old, owner, activity.type === 'react')]]),
    mappings: new Map([[old, [{ ...mapping, sender: ghost }]]]),
    rooms: new Map([[roomId, room]]),
    authorRoom: room,
    replyInPortal: 'line',
    deaf: new Set(),
    crowded: new Set(),
    reactions: [],
    areBoostsWanted: true,
    ...(follows ? { follow: { ...ours, state: 'requested' as const } } : {}),
    ...(undone === 'Follow' ? { follow: { ...theirs, state: 'accepted' as const } } : {}),
    ...(undone === 'Like'
      ? {
          reaction: {
            activityId: activity.id,
            actor: activity.actor,
            object: asObjectId('alice/1'),
            type: undone,
            key: '❤️',
          },
        }
      : {}),
    ...(undone === 'Block'
      ? { block: { activityId: activity.id, blocker: activity.actor, blocked: alice.id } }
      : {}),
    sensitiveMedia: 'spoiler',
    answerId: asActivityId('https://us.test/answer'),
  }
}

/** What became of how many. A change here is a change of what people see: know why before you change a number. */
const recorded = {
  'accept: bridged': 6,
  'announce: unknown-target': 9,
  'block: bridged': 1,
  'create: bridged': 103,
  'create: unknown-target': 4,
  'delete-object: bridged': 3,
  'follow: bridged': 5,
  'other: unsupported': 19,
  'react: bridged': 4,
  'refused: forwarded': 5,
  'refused: gone': 1,
  'refused: hostile': 5,
  'refused: not-activitypub': 168,
  'reject: bridged': 1,
  'undo: bridged': 4,
  'undo: unknown-target': 3,
  'update-actor: bridged': 50,
  'update-note: bridged': 3,
}

type Fate = { path: string; kind: string; outcome: string; bodies: string[] }

function fateOf(path: string): Fate {
  const document: unknown = JSON.parse(readFileSync(folder + path, 'utf8'))
  const activity = readAny(document)
  if (typeof activity === 'string') return { path, kind: 'refused', outcome: activity, bodies: [] }
  const translation = toMatrix(activity, generousKnown(activity))
  const bodies = (translation.actions ?? []).flatMap((action) =>
    action.do === 'send' || action.do === 'edit'
      ? [action.text.body || (action.media?.fallback.body ?? '')]
      : [],
  )
  const outcome = 'skip' in translation ? translation.skip : 'bridged'
  return { path, kind: activity.type, outcome, bodies }
}

if (paths.length === 0) {
  test.skip('recorded documents are not on this machine', () => undefined)
} else {
  const fates = paths.map(fateOf)

  test('every recorded document comes to what it came to before', () => {
    const counts: Record<string, number> = {}
    for (const { kind, outcome } of fates) {
      const key = `${kind}: ${outcome}`
      counts[key] = (counts[key] ?? 0) + 1
    }
    expect(counts).toEqual(recorded)
  })

  test('what is bridged says something', () => {
    const silent = fates.filter(({ bodies }) => bodies.some((body) => body.trim() === ''))
    expect(silent.map(({ path }) => path)).toEqual([])
  })

  test('posts of all software are shown', () => {
    const posts = fates.filter(({ kind, outcome }) => kind === 'create' && outcome === 'bridged')
    expect(posts.filter(({ bodies }) => bodies.length === 0).map(({ path }) => path)).toEqual([])
    expect(new Set(posts.map(({ path }) => path.split('/')[0])).size).toBeGreaterThan(25)
  })
}
