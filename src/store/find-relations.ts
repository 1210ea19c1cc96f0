import type { ActivityId, ActorId, ObjectId, RoomId } from '../model/ids.ts'
import { asActorId } from '../model/ids.ts'
import type { Mention } from '../model/content.ts'
import type { Database } from './database.ts'
import type { Row } from './tables.ts'
import { toBlock, toFollow, toReaction } from './rows.ts'

/** Lookups of follows, blocks and likes. */
export const relationFinds = (database: Database) => ({
  ...followFinds(database),
  ...latest(database),
  ...neighbourFinds(database),
  ...blockFinds(database),
  ...reactionFinds(database),
})

/** What somebody of ours did lately, by the rows that it left. */
function latest(database: Database) {
  const posts = database.prepare<[string, number], { at: number }>(
    'select published as at from object where author = ? order by seq desc limit 1 offset ?',
  )
  const follows = database.prepare<[string, number], { at: number }>(
    `select created_at as at from activity where actor = ? and type = 'Follow'
     order by seq desc limit 1 offset ?`,
  )
  const naming = database.prepare<[string], { at: number; mentions: string }>(
    'select published as at, mentions from object where author = ? order by seq desc',
  )
  return {
    async namedSince(author: ActorId, since: number) {
      const named = new Map<ActorId, number>()
      for (const { at, mentions } of naming.iterate(author)) {
        if (at <= since) break
        for (const { actorId } of JSON.parse(mentions) as Mention[])
          if (actorId !== author && !named.has(actorId)) named.set(actorId, at)
      }
      return named
    },
    async nthNewest(what: 'post' | 'follow', actor: ActorId, nth: number) {
      return (what === 'post' ? posts : follows).get(actor, nth - 1)?.at
    },
  }
}

function neighbourFinds(database: Database) {
  const neighbours = database.prepare<
    [string, number],
    { host: string; ours: string; theirs: string }
  >(
    `select host, ours, theirs from (
       select remote_actor.host, local_actor.id as ours, remote_actor.id as theirs from follow
         join remote_actor on remote_actor.id = follower join local_actor on local_actor.id = followed
         where state = 'accepted' and deleted_at is null
       union all
       select remote_actor.host, local_actor.id, remote_actor.id from follow
         join remote_actor on remote_actor.id = followed join local_actor on local_actor.id = follower
         where state = 'accepted' and deleted_at is null)
     where host > ? group by host order by host limit ?`,
  )
  return {
    async neighbours(after: string | undefined, limit: number) {
      return neighbours.all(after ?? '', limit).map(({ host, ours, theirs }) => ({
        host,
        ours: asActorId(ours),
        theirs: asActorId(theirs),
      }))
    },
  }
}

function followFinds(database: Database) {
  const byPair = database.prepare<[string, string], Row<'follow'>>(
    'select * from follow where follower = ? and followed = ?',
  )
  const byActivity = database.prepare<[string], Row<'follow'>>(
    'select * from follow where activity_id = ? order by seq desc limit 1',
  )
  const ofFollowed = database.prepare<[string], Row<'follow'>>(
    'select * from follow where followed = ? order by seq',
  )
  const ofFollower = database.prepare<[string], Row<'follow'>>(
    'select * from follow where follower = ? order by seq',
  )
  const accounts = database.prepare<[string, number], { id: string }>(
    `select distinct followed as id from follow
     join local_actor on local_actor.id = follow.follower and local_actor.deleted_at is null
     where state = 'accepted' and followed > ? order by followed limit ?`,
  )
  return {
    async followedAccounts(after: ActorId | undefined, limit: number) {
      return accounts.all(after ?? '', limit).map(({ id }) => asActorId(id))
    },
    async findFollow(follower: ActorId, followed: ActorId) {
      const row = byPair.get(follower, followed)
      return row && toFollow(row)
    },
    async findFollowByActivity(id: ActivityId) {
      const row = byActivity.get(id)
      return row && toFollow(row)
    },
    /** In every state: the caller decides whether a request counts. */
    async followersOf(followed: ActorId) {
      return ofFollowed.all(followed).map(toFollow)
    },
    /** In every state. */
    async followsOf(follower: ActorId) {
      return ofFollower.all(follower).map(toFollow)
    },
  }
}

function blockFinds(database: Database) {
  const byPair = database.prepare<[string, string], Row<'block'>>(
    'select * from block where blocker = ? and blocked = ?',
  )
  const byActivity = database.prepare<[string], Row<'block'>>(
    'select * from block where activity_id = ? limit 1',
  )
  const ofBlocker = database.prepare<[string], Row<'block'>>(
    'select * from block where blocker = ? order by blocked',
  )
  return {
    async blocksBy(blocker: ActorId) {
      return ofBlocker.all(blocker).map(toBlock)
    },
    async findBlock(blocker: ActorId, blocked: ActorId) {
      const row = byPair.get(blocker, blocked)
      return row && toBlock(row)
    },
    async findBlockByActivity(id: ActivityId) {
      const row = byActivity.get(id)
      return row && toBlock(row)
    },
  }
}

function reactionFinds(database: Database) {
  const byActivity = database.prepare<[string], Row<'reaction'>>(
    'select * from reaction where activity_id = ?',
  )
  const byPair = database.prepare<[string, string], Row<'reaction'>>(
    'select * from reaction where object = ? and actor = ? order by seq',
  )
  const unseen = database.prepare<[string, string, number], { key: string; n: number }>(
    `select key, count(*) as n from reaction
     where object = ?
       and not exists (select 1 from local_actor where id = reaction.actor)
       and not exists
         (select 1 from mapping where remote_id = reaction.activity_id and room_id = ?)
     group by key order by n desc, min(seq) limit ?`,
  )
  const ownBoosts = database.prepare<[string], Row<'reaction'>>(
    `select reaction.* from reaction
     where object = ? and type = 'Announce'
       and exists (select 1 from local_actor where id = reaction.actor)
     order by seq`,
  )
  const ownBoostsFrom = database.prepare<[string, number], Row<'reaction'>>(
    `select reaction.* from object
     join reaction on reaction.object = object.id and reaction.type = 'Announce'
     join local_actor on local_actor.id = reaction.actor and local_actor.deleted_at is null
     where object.author = ? order by object.seq, reaction.seq limit ?`,
  )
  return {
    /** By people and groups of ours. */
    async ownBoostsOf(object: ObjectId) {
      return ownBoosts.all(object).map(toReaction)
    },
    /** Of all that this account wrote, oldest post first. */
    async ownBoostsOfAuthor(author: ActorId, limit: number) {
      return ownBoostsFrom.all(author, limit).map(toReaction)
    },
    async findReaction(activityId: ActivityId) {
      const row = byActivity.get(activityId)
      return row && toReaction(row)
    },
    async reactionsBy(actor: ActorId, object: ObjectId) {
      return byPair.all(object, actor).map(toReaction)
    },
    async countReactions(object: ObjectId, roomId: RoomId, limit: number) {
      return new Map(unseen.all(object, roomId, limit).map(({ key, n }) => [key, n]))
    },
  }
}
