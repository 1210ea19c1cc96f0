import type { Change } from '../model/change.ts'
import type { Database } from './database.ts'
import type { PolicyKind, PolicyList, PolicyRule } from '../model/policy.ts'
import { createPolicyIndex, type PolicyIndex } from '../model/policy-index.ts'
import type { Row } from './tables.ts'
import { TransientError } from '../model/errors.ts'
import { asActorId, asRoomId, asUserId, type ActorId, type RoomId } from '../model/ids.ts'

const toList = (row: Row<'policy_list'>): PolicyList => ({
  roomId: asRoomId(row.room_id),
  name: row.name,
  by: asUserId(row.by_user),
  addedAt: row.added_at,
  readAt: row.read_at,
  ignored: row.ignored,
  ...(row.next_room === null ? {} : { next: asRoomId(row.next_room) }),
  ...(row.trouble === null ? {} : { trouble: row.trouble }),
})

const toRule = (row: Omit<Row<'policy_rule'>, 'list'>): PolicyRule => ({
  kind: row.kind as PolicyKind,
  stateKey: row.state_key,
  entity: row.entity,
  ...(row.reason === null ? {} : { reason: row.reason }),
  ...(row.refused === null ? {} : { refused: row.refused }),
  ...(row.room_id === null ? {} : { roomId: asRoomId(row.room_id) }),
  at: row.at,
})

/** The index of the rules that hold; absent: to be made when it is asked for. Any change of a list forgets it. */
export type KnownPolicies = { index?: PolicyIndex }

/** Lookups of the policy lists that admins follow. */
export function policyFinds(database: Database, known: KnownPolicies) {
  const lists = database.prepare<[], Row<'policy_list'>>('select * from policy_list order by name')
  const at = database.prepare<[string, string], Row<'policy_list'>>(
    `select * from policy_list where room_id = ?
     union all select * from policy_list where next_room is not null and next_room = ? limit 1`,
  )
  const ofList = database.prepare<[string], Row<'policy_rule'>>(
    'select * from policy_rule where list = ? order by kind, state_key',
  )
  const ghost = database.prepare<[string], { user_id: string }>(
    'select user_id from ghost where actor_id = ?',
  )
  const holding = () =>
    lists.all().flatMap((list) =>
      ofList
        .all(list.room_id)
        .filter(({ refused }) => refused === null)
        .map((row) => ({ ...toRule(row), list: list.name })),
    )
  const index = (): PolicyIndex => (known.index ??= createPolicyIndex(holding()))
  return {
    /** Answered at once: whoever may do something is asked all the time. */
    policies: index,
    /** The rule that names the account by its ghost; undefined: none, or it has no ghost. */
    async findAccountRule(actorId: ActorId) {
      const row = ghost.get(actorId)
      return row && index().find('user', row.user_id)
    },
    /** In the order of their names. */
    async policyLists() {
      return lists.all().map(toList)
    },
    /** The list of that room, or the one that is said to go on there. */
    async findPolicyList(roomId: RoomId) {
      const row = at.get(roomId, roomId)
      return row && toList(row)
    },
    /** In the order of kinds and state keys, those that do not hold as well. */
    async policyRules(roomId: RoomId) {
      return ofList.all(roomId).map(toRule)
    },
    ...walks(database),
  }
}

/** What rules may be about, some at a time. */
function walks(database: Database) {
  const accounts = database.prepare<
    [string, number],
    { id: string; username: string; host: string; user_id: string | null }
  >(
    `select remote_actor.id, username, host, ghost.user_id from remote_actor
     left join ghost on ghost.actor_id = remote_actor.id
     where remote_actor.id > ? order by remote_actor.id limit ?`,
  )
  const rooms = database.prepare<[string, number], { room_id: string }>(
    'select distinct room_id from membership where room_id > ? order by room_id limit ?',
  )
  return {
    /** Accounts that are known, in the order of their ids, behind that one; with their ghosts, where they have one. */
    async knownAccounts(after: ActorId | undefined, limit: number) {
      return accounts.all(after ?? '', limit).map(({ id, username, host, user_id }) => ({
        id: asActorId(id),
        username,
        host,
        ...(user_id === null ? {} : { ghost: asUserId(user_id) }),
      }))
    },
    /** Rooms of which it is known who is in them, in the order of their ids, behind that one. */
    async knownRooms(after: RoomId | undefined, limit: number) {
      return rooms.all(after ?? '', limit).map(({ room_id }) => asRoomId(room_id))
    },
  }
}

function expecting(database: Database) {
  const find = database.prepare<[string]>('select 1 from policy_list where room_id = ?')
  return (roomId: RoomId): void => {
    if (find.get(roomId) === undefined)
      throw new TransientError(`the list ${roomId} is followed no more`)
  }
}

export function policyWrites(database: Database, known: KnownPolicies) {
  const putList = database.prepare<[Row<'policy_list'>]>(
    `insert into policy_list
       (room_id, name, by_user, added_at, read_at, ignored, next_room, trouble)
     values (@room_id, @name, @by_user, @added_at, @read_at, @ignored, @next_room, @trouble)
     on conflict (room_id) do update set name = excluded.name, read_at = excluded.read_at,
       ignored = excluded.ignored, next_room = excluded.next_room, trouble = excluded.trouble`,
  )
  const putRule = database.prepare<[Row<'policy_rule'>]>(
    `insert or replace into policy_rule
       (list, kind, state_key, entity, reason, refused, room_id, at)
     values (@list, @kind, @state_key, @entity, @reason, @refused, @room_id, @at)`,
  )
  const dropRule = database.prepare<[string, string, string]>(
    'delete from policy_rule where list = ? and kind = ? and state_key = ?',
  )
  const place = database.prepare<[string, string, string]>(
    `update policy_rule set room_id = ? where list = ? and kind = 'room' and entity = ?`,
  )
  const move = database.prepare<[{ from: string; to: string }]>(
    `update policy_list set room_id = @to, next_room = null, trouble = null,
       name = case when name = room_id then @to else name end where room_id = @from`,
  )
  const empty = database.prepare<[string]>('delete from policy_rule where list = ?')
  const drop = database.prepare<[string]>('delete from policy_list where room_id = ?')
  const forget = () => delete known.index
  return {
    expectPolicyList: expecting(database),
    putPolicyList({ list, put = [], gone = [] }: Change & { change: 'put-policy-list' }) {
      putList.run({
        ...{ room_id: list.roomId, name: list.name, by_user: list.by, ignored: list.ignored },
        ...{ added_at: list.addedAt, read_at: list.readAt },
        next_room: list.next ?? null,
        trouble: list.trouble ?? null,
      })
      for (const { kind, stateKey } of gone) dropRule.run(list.roomId, kind, stateKey)
      for (const { kind, stateKey, entity, at, ...rule } of put)
        putRule.run({
          ...{ list: list.roomId, kind, state_key: stateKey, entity, at },
          reason: rule.reason ?? null,
          refused: rule.refused ?? null,
          room_id: rule.roomId ?? null,
        })
      forget()
    },
    placePolicyRule({ list, entity, roomId }: Change & { change: 'place-policy-rule' }) {
      place.run(roomId, list, entity)
      forget()
    },
    movePolicyList({ from, to }: Change & { change: 'move-policy-list' }) {
      move.run({ from, to })
      forget()
    },
    removePolicyList(roomId: RoomId) {
      empty.run(roomId)
      drop.run(roomId)
      forget()
    },
  }
}
