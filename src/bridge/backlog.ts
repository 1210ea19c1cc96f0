import type { ActorId } from '../model/ids.ts'
import type { Action } from '../model/action.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { KnownForMatrix } from '../translate/known.ts'
import type { Note } from '../model/note.ts'
import type { RemoteActor } from '../model/actor.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { translateBacklog } from '../translate/notes.ts'
import { actorOf } from './ghosts.ts'
import { newActivityId } from './new-ids.ts'
import { ensurePortal } from './portals.ts'
import { knownRoom } from './resolve-readings.ts'
import { knownActor } from './resolve-people.ts'
import { resolveQuotes } from './resolve-quotes.ts'

const backlogLength = 20
/** What several posts quote is fetched once, milliseconds. */
const quoteAge = 600_000

/** Nothing when the outbox is hidden or away: the portal opens all the same. */
async function fetchNewest(actor: RemoteActor, deps: Deps): Promise<readonly Note[]> {
  try {
    return await deps.fediverse.fetchOutbox(actor, backlogLength)
  } catch (error) {
    if (error instanceof RejectedError || error instanceof TransientError) {
      deps.log.info({ actor: actor.id, reason: error.message }, 'no backlog')
      return []
    }
    throw error
  }
}

const planMark = (actorId: ActorId): string => `backlog plan ${actorId}`

/**
 * What the backlog will be, decided once: a second run must come to each post that the first one
 * may have sent, also when the outbox cannot be had any more. Newest first.
 */
async function planned(actor: RemoteActor, deps: Deps): Promise<readonly Note[]> {
  const plan = await deps.store.findMark(planMark(actor.id))
  if (plan !== undefined) return JSON.parse(plan) as Note[]
  const notes = await fetchNewest(actor, deps)
  const value = JSON.stringify(notes)
  await deps.store.commit([
    { change: 'mark', key: planMark(actor.id), value, at: deps.clock.now() },
  ])
  return notes
}

/**
 * The portal of an account, and once in its life the newest posts of its outbox, oldest first with
 * their own dates. Runs in the account's lane, so that nothing new overtakes the backlog.
 */
export async function fillPortal(
  actorId: ActorId,
  run: (actions: readonly Action[]) => Promise<readonly Change[]>,
  deps: Deps,
): Promise<readonly Change[]> {
  const portal = await ensurePortal({ kind: 'actor', actorId }, deps)
  const mark = `backlog ${actorId}`
  if ((await deps.store.findMark(mark)) !== undefined) return []
  const actor = await actorOf(actorId, deps)
  const author = await knownActor(actor, deps)
  const authorRoom = await knownRoom(portal, deps)
  const changes: Change[] = []
  for (const note of [...(await planned(actor, deps))].reverse()) {
    const record = await deps.store.findObject(note.id)
    const known: KnownForMatrix = {
      now: deps.clock.now(),
      handleDomain: deps.identity.handleDomain,
      author,
      note,
      ancestors: [],
      actors: new Map([[actorId, author]]),
      addressees: [],
      locals: new Map(),
      objects: new Map(record === undefined ? [] : [[note.id, record]]),
      mappings: new Map([
        [note.id, await deps.store.mappingsOf(note.id)],
        ...(note.inReplyTo === undefined
          ? []
          : [[note.inReplyTo, await deps.store.mappingsOf(note.inReplyTo)] as const]),
      ]),
      rooms: new Map([[portal.roomId, authorRoom]]),
      authorRoom,
      replyInPortal: 'thread',
      deaf: new Set(),
      crowded: new Set(),
      reactions: [],
      homes: [],
      areBoostsWanted: false,
      quotes: await resolveQuotes([note], { isPatient: false, maxAge: quoteAge, deps }),
      isQuoted: false,
      sensitiveMedia: deps.mediaRules.sensitive,
      answerId: newActivityId(deps),
    }
    const translation = translateBacklog(note, known)
    changes.push(...(await run(translation.actions ?? [])))
  }
  return [
    ...changes,
    { change: 'unmark', key: planMark(actorId) },
    { change: 'mark', key: mark, value: String(deps.clock.now()), at: deps.clock.now() },
  ]
}
