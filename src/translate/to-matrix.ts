import type { Translation } from '../model/action.ts'
import type { Activity } from '../model/activity.ts'
import type { NewJob } from '../model/job.ts'
import type { KnownForMatrix } from './known.ts'
import { translateDelete, translateUpdate } from './note-edits.ts'
import { translateBoost, undoneMark } from './boosts.ts'
import { asActivityId } from '../model/ids.ts'
import { translateCreate } from './notes.ts'
import { translateMove } from './moves.ts'
import { translateFeature } from './pins.ts'
import { translateQuoteAnswer, translateQuoteRequest } from './quote-consent.ts'
import { translateReaction, translateUndoReaction } from './reactions.ts'
import { translateFlag } from './reports.ts'
import { translateRequest } from './requests.ts'
import { translateVote } from './votes.ts'
import {
  translateAnswer,
  translateBlock,
  translateFollow,
  translateUndoBlock,
  translateUndoFollow,
} from './relations.ts'

function translateUndo(activity: Activity & { type: 'undo' }, known: KnownForMatrix): Translation {
  if (known.follow !== undefined) return translateUndoFollow(activity, known.follow)
  if (known.block !== undefined) return translateUndoBlock(activity, known.block)
  if (known.reaction !== undefined) return translateUndoReaction(activity, known.reaction, known)
  const { id, type } = activity.target
  const mayCome = type === undefined || type === 'Announce' || type === 'Follow'
  if (id === undefined || !mayCome) return { skip: 'unknown-target' }
  // A boost waits for its post, and so may come after what takes it back; a follow may be overtaken.
  const key = undoneMark(activity.actor, asActivityId(id))
  const changes = [{ change: 'mark', key, value: '', at: known.now }] as const
  return { skip: 'unknown-target', actions: [{ do: 'commit', changes }] }
}

/** Name and picture in rooms follow in a job of their own, once the new ones are stored. */
const refreshJob = (activity: Activity): NewJob => ({
  kind: 'upkeep',
  key: `refresh ${activity.id}`,
  lane: `upkeep:refresh ${activity.actor}`,
  payload: JSON.stringify({ type: 'refresh', actorId: activity.actor }),
})

/** An account that changes without saying how is fetched at most this often, milliseconds. */
export const refetchInterval = 60_000

/** At the end of the interval: what changes until then is fetched with it. */
function refetchJob({ actor }: Activity, now: number): NewJob {
  const slot = Math.floor(now / refetchInterval)
  return {
    kind: 'upkeep',
    key: `refetch ${actor} ${slot}`,
    lane: `upkeep:refetch ${actor}`,
    host: new URL(actor).host,
    payload: JSON.stringify({ type: 'refetch', actorId: actor }),
    runAt: (slot + 1) * refetchInterval,
  }
}

function translateActorUpdate(
  activity: Activity & { type: 'update-actor' },
  known: KnownForMatrix,
): Translation {
  const before = known.author.actor
  const { document } = activity
  if (document === undefined) {
    const job = refetchJob(activity, known.now)
    return { actions: [{ do: 'commit', changes: [{ change: 'enqueue', job }] }] }
  }
  if (document.id !== before.id) return { skip: 'not-the-owner' }
  // The handle was proven by a look-up; an actor's own document cannot change it.
  const actor = { ...document, username: before.username, host: before.host }
  return {
    actions: [
      {
        do: 'commit',
        changes: [
          { change: 'put-remote-actor', actor },
          { change: 'enqueue', job: refreshJob(activity) },
        ],
      },
    ],
  }
}

/**
 * What an activity becomes on Matrix: the one index of everything we accept from the fediverse.
 * Pure; `known` was gathered for this very activity.
 */
export function toMatrix(activity: Activity, known: KnownForMatrix): Translation {
  switch (activity.type) {
    case 'create':
      return translateCreate(activity, known)
    case 'update-note':
      return translateUpdate(activity, known)
    case 'delete-object':
      return translateDelete(activity, known)
    case 'update-actor':
      return translateActorUpdate(activity, known)
    case 'delete-actor':
      return { actions: [{ do: 'retire-actor', actorId: activity.actor }] }
    case 'follow':
      return translateFollow(activity, known)
    case 'accept':
    case 'reject':
      return translateAnswer(activity, known)
    case 'react':
      return translateReaction(activity, activity.feeling, known)
    case 'vote':
      return translateVote(activity, known)
    case 'announce':
      return translateBoost(activity, known)
    case 'block':
      return translateBlock(activity, known)
    case 'move':
      return translateMove(activity, known)
    case 'undo':
      return translateUndo(activity, known)
    case 'quote-request':
      return translateQuoteRequest(activity, known)
    case 'accept-quote':
    case 'reject-quote':
      return translateQuoteAnswer(activity, known)
    case 'feature':
    case 'unfeature':
      return translateFeature(activity, known)
    case 'ping':
    case 'feature-request':
      return translateRequest(activity, known)
    case 'flag':
      return translateFlag(activity, known)
    case 'announced':
    case 'contained':
    case 'other':
      return { skip: 'unsupported' }
    default:
      return activity satisfies never
  }
}
