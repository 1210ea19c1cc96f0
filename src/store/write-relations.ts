import type { ActivityId, ActorId, ObjectId } from '../model/ids.ts'
import type { Block, Follow, Like } from '../model/relation.ts'
import type { Database } from './database.ts'

/** Follows, blocks and likes. */
export const relationWrites = (database: Database) => ({
  ...followWrites(database),
  ...blockWrites(database),
  ...likeWrites(database),
})

function followWrites(database: Database) {
  // A repeated Follow of an accepted follower is no new one: they are followers since the first.
  const put = database.prepare<[ActorId, ActorId, ActivityId, string, number, number]>(
    `insert into follow (follower, followed, activity_id, state, requested_at, with_replies)
     values (?, ?, ?, ?, ?, ?)
     on conflict (follower, followed) do update set
       activity_id = excluded.activity_id, state = excluded.state,
       requested_at = case when follow.state = 'accepted' and excluded.state = 'accepted'
         then follow.requested_at else excluded.requested_at end,
       with_replies = excluded.with_replies`,
  )
  const remove = database.prepare<[ActorId, ActorId]>(
    'delete from follow where follower = ? and followed = ?',
  )
  const accept = database.prepare<[ActivityId]>(
    `update follow set state = 'accepted' where activity_id = ?`,
  )
  return {
    putFollow: (follow: Follow) =>
      put.run(
        follow.follower,
        follow.followed,
        follow.activityId,
        follow.state,
        follow.requestedAt,
        follow.withReplies ? 1 : 0,
      ),
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

function likeWrites(database: Database) {
  // One like of an object by an actor: a second activity replaces the first.
  const displace = database.prepare<[ObjectId, ActorId, ActivityId]>(
    'delete from liking where object = ? and actor = ? and activity_id <> ?',
  )
  const put = database.prepare<[ActivityId, ActorId, ObjectId]>(
    `insert into liking (activity_id, actor, object) values (?, ?, ?)
     on conflict (activity_id) do update set actor = excluded.actor, object = excluded.object`,
  )
  const remove = database.prepare<[ActivityId]>('delete from liking where activity_id = ?')
  return {
    putLike({ activityId, actor, object }: Like) {
      displace.run(object, actor, activityId)
      put.run(activityId, actor, object)
    },
    removeLike: (activityId: ActivityId) => remove.run(activityId),
  }
}
