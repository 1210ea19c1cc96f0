import type { ActivityId, ActorId } from '../model/ids.ts'
import type { Block, Follow, Reaction } from '../model/relation.ts'
import type { Change } from '../model/change.ts'
import type { Database } from './database.ts'
import type { NewRow } from './tables.ts'

/** Follows, blocks and reactions. */
export const relationWrites = (database: Database) => ({
  ...followWrites(database),
  ...blockWrites(database),
  ...reactionWrites(database),
})

type ReadIn = Extract<Change, { change: 'read-in' }>
type ReadOf = Extract<Change, { change: 'read-of' }>

function followWrites(database: Database) {
  // A repeated Follow of an accepted follower is no new one: they are followers since the first.
  const put = database.prepare<[Omit<NewRow<'follow'>, 'seq'>]>(
    `insert into follow (follower, followed, activity_id, state, requested_at, with_replies,
       with_boosts, shown_in)
     values (@follower, @followed, @activity_id, @state, @requested_at, @with_replies,
       @with_boosts, @shown_in)
     on conflict (follower, followed) do update set
       activity_id = excluded.activity_id, state = excluded.state,
       requested_at = case when follow.state = 'accepted' and excluded.state = 'accepted'
         then follow.requested_at else excluded.requested_at end,
       with_replies = excluded.with_replies, with_boosts = excluded.with_boosts,
       shown_in = excluded.shown_in`,
  )
  const remove = database.prepare<[ActorId, ActorId]>(
    'delete from follow where follower = ? and followed = ?',
  )
  const accept = database.prepare<[ActivityId]>(
    `update follow set state = 'accepted' where activity_id = ?`,
  )
  const show = database.prepare<[string, ActorId, ActorId]>(
    'update follow set shown_in = ? where follower = ? and followed = ?',
  )
  const wish = database.prepare<[number, number, ActorId, ActorId]>(
    'update follow set with_replies = ?, with_boosts = ? where follower = ? and followed = ?',
  )
  return {
    readIn: ({ shownIn, follower, followed }: ReadIn) => show.run(shownIn, follower, followed),
    readOf: ({ withReplies, withBoosts, follower, followed }: ReadOf) =>
      wish.run(withReplies ? 1 : 0, withBoosts ? 1 : 0, follower, followed),
    putFollow: (follow: Follow) =>
      put.run({
        follower: follow.follower,
        followed: follow.followed,
        activity_id: follow.activityId,
        state: follow.state,
        requested_at: follow.requestedAt,
        with_replies: follow.withReplies ? 1 : 0,
        with_boosts: follow.withBoosts ? 1 : 0,
        shown_in: follow.shownIn,
      }),
    acceptFollow: (activityId: ActivityId) => accept.run(activityId),
    removeFollow: (follower: ActorId, followed: ActorId) => remove.run(follower, followed),
  }
}

function blockWrites(database: Database) {
  const put = database.prepare<[ActorId, ActorId, ActivityId]>(
    `insert into block (blocker, blocked, activity_id) values (?, ?, ?)
     on conflict (blocker, blocked) do update set activity_id = excluded.activity_id`,
  )
  const remove = database.prepare<[ActorId, ActorId]>(
    'delete from block where blocker = ? and blocked = ?',
  )
  return {
    putBlock: ({ blocker, blocked, activityId }: Block) => put.run(blocker, blocked, activityId),
    removeBlock: (blocker: ActorId, blocked: ActorId) => remove.run(blocker, blocked),
  }
}

type ReactionParams = Omit<NewRow<'reaction'>, 'seq'>

function reactionWrites(database: Database) {
  // One of a kind by an actor at an object: a second activity replaces the first.
  const displace = database.prepare<[ReactionParams]>(
    `delete from reaction where object = @object and actor = @actor and type = @type
       and key = @key and activity_id <> @activity_id`,
  )
  const put = database.prepare<[ReactionParams]>(
    `insert into reaction (activity_id, actor, object, type, key, emoji_url)
     values (@activity_id, @actor, @object, @type, @key, @emoji_url)
     on conflict (activity_id) do update set actor = excluded.actor, object = excluded.object,
       type = excluded.type, key = excluded.key, emoji_url = excluded.emoji_url`,
  )
  const remove = database.prepare<[ActivityId]>('delete from reaction where activity_id = ?')
  return {
    putReaction({ activityId, actor, object, type, key, emoji }: Reaction) {
      const row = {
        activity_id: activityId,
        actor,
        object,
        type,
        key,
        emoji_url: emoji?.url ?? null,
      }
      displace.run(row)
      put.run(row)
    },
    removeReaction: (activityId: ActivityId) => remove.run(activityId),
  }
}
