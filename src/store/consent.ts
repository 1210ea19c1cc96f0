import { asEventId, asRoomId, asUserId } from '../model/ids.ts'
import type { ActivityId, ActorId, EventId, UserId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Database } from './database.ts'
import { TransientError } from '../model/errors.ts'
import type { Told, ToldState } from '../model/forgetting.ts'
import type { Import, ImportCounts, ImportRow } from '../model/import.ts'
import type { Row } from './tables.ts'

type Of<Kind extends Change['change']> = Extract<Change, { change: Kind }>

/** Who was told of whom, and what people bring or take along. */
export const consentWrites = (database: Database) => ({
  ...toldWrites(database),
  ...importWrites(database),
})

export const consentFinds = (database: Database) => ({
  ...toldFinds(database),
  ...importFinds(database),
})

function toldWrites(database: Database) {
  const add = database.prepare<[ActorId, string]>(
    `insert into told (actor, inbox, state) values (?, ?, 'known') on conflict do nothing`,
  )
  const end = database.prepare<[string, ActorId, string]>(
    'update told set state = ? where actor = ? and inbox = ?',
  )
  const remove = database.prepare<[ActorId, string]>(
    'delete from told where actor = ? and inbox = ?',
  )
  const findDeleted = database.prepare<[ActorId]>(
    'select 1 from local_actor where id = ? and deleted_at is not null',
  )
  const dropKeys = database.prepare<[ActorId]>('delete from actor_key where actor_id = ?')
  const dropTold = database.prepare<[ActorId]>('delete from told where actor = ?')
  const dropActivity = database.prepare<[ActivityId]>('delete from activity where id = ?')
  return {
    addTold(actor: ActorId, inboxes: readonly string[]) {
      for (const inbox of inboxes) add.run(actor, inbox)
    },
    endTold: ({ actor, inbox, isReached }: Of<'end-told'>) =>
      void end.run(isReached ? 'reached' : 'missed', actor, inbox),
    removeTold: (actor: ActorId, inbox: string) => void remove.run(actor, inbox),
    expectActor(id: ActorId) {
      if (findDeleted.get(id) !== undefined) throw new TransientError(`${id} is deleted`)
    },
    endActor({ id, activityId }: Of<'end-actor'>) {
      dropKeys.run(id)
      dropTold.run(id)
      dropActivity.run(activityId)
    },
  }
}

function toldFinds(database: Database) {
  const page = database.prepare<[string, string, number], Told>(
    'select inbox, state from told where actor = ? and inbox > ? order by inbox limit ?',
  )
  const one = database.prepare<[string, string], { state: ToldState }>(
    'select state from told where actor = ? and inbox = ?',
  )
  const shared = database.prepare<[string], { inbox: string }>(
    `select shared_inbox as inbox from remote_actor
     where inbox = ? and shared_inbox is not null limit 1`,
  )
  return {
    /** The inbox that whoever has this one shares with others. */
    async findSharedInbox(inbox: string): Promise<string | undefined> {
      return shared.get(inbox)?.inbox
    },
    /** Inboxes that got something of that actor of ours, in their order, behind that one. */
    async toldPage(actor: ActorId, after: string, limit: number): Promise<readonly Told[]> {
      return page.all(actor, after, limit)
    },
    async findTold(actor: ActorId, inbox: string): Promise<ToldState | undefined> {
      return one.get(actor, inbox)?.state
    },
  }
}

function importWrites(database: Database) {
  const put = database.prepare<[Row<'import'>]>(
    `insert into import (id, user_id, kind, is_in_rooms, room_id, began_at, notice, ended_at)
     values (@id, @user_id, @kind, @is_in_rooms, @room_id, @began_at, @notice, @ended_at)
     on conflict (id) do nothing`,
  )
  const putRow = database.prepare<[Row<'import_row'>]>(
    `insert into import_row (import_id, position, account, with_boosts, state, reason)
     values (@import_id, @position, @account, @with_boosts, @state, @reason)
     on conflict (import_id, position) do nothing`,
  )
  const note = database.prepare<[EventId, string]>('update import set notice = ? where id = ?')
  const end = database.prepare<[number, string]>(
    'update import set ended_at = coalesce(ended_at, ?) where id = ?',
  )
  const dropRows = database.prepare<[string]>('delete from import_row where import_id = ?')
  const endRow = database.prepare<[string, string | null, string, number]>(
    'update import_row set state = ?, reason = ? where import_id = ? and position = ?',
  )
  return {
    /** Nothing where it is known: its list may be gone already. */
    putImport({ import: one, rows }: Of<'put-import'>) {
      const { changes } = put.run({
        ...{ id: one.id, user_id: one.userId, kind: one.kind, room_id: one.roomId },
        ...{ is_in_rooms: one.isInRooms ? 1 : 0, began_at: one.beganAt },
        notice: one.notice ?? null,
        ended_at: one.endedAt ?? null,
      })
      if (changes === 0) return
      for (const { position, account, withBoosts, state, reason } of rows)
        putRow.run({
          ...{ import_id: one.id, position, account, state },
          with_boosts: withBoosts ? 1 : 0,
          reason: reason ?? null,
        })
    },
    noteImport: (id: string, notice: EventId) => void note.run(notice, id),
    /** With it goes the list, which is long and says whom somebody knows. */
    endImport(id: string, at: number) {
      end.run(at, id)
      dropRows.run(id)
    },
    endImportRow: ({ id, position, state, reason }: Of<'end-import-row'>) =>
      void endRow.run(state, reason ?? null, id, position),
  }
}

const toImport = (row: Row<'import'>): Import => ({
  id: asEventId(row.id),
  userId: asUserId(row.user_id),
  kind: row.kind as Import['kind'],
  isInRooms: row.is_in_rooms === 1,
  roomId: asRoomId(row.room_id),
  beganAt: row.began_at,
  ...(row.notice === null ? {} : { notice: asEventId(row.notice) }),
  ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
})

const toImportRow = (row: Row<'import_row'>): ImportRow => ({
  position: row.position,
  account: row.account,
  withBoosts: row.with_boosts === 1,
  state: row.state as ImportRow['state'],
  ...(row.reason === null ? {} : { reason: row.reason }),
})

function importFinds(database: Database) {
  const byId = database.prepare<[string], Row<'import'>>('select * from import where id = ?')
  const byUser = database.prepare<[string], Row<'import'>>(
    'select * from import where user_id = ? order by began_at desc limit 20',
  )
  const rows = database.prepare<[string, string, number], Row<'import_row'>>(
    'select * from import_row where import_id = ? and state = ? order by position limit ?',
  )
  const counts = database.prepare<[string], { state: string; n: number }>(
    'select state, count(*) as n from import_row where import_id = ? group by state',
  )
  return {
    async findImport(id: string) {
      const row = byId.get(id)
      return row && toImport(row)
    },
    /** Newest first. */
    async importsOf(userId: UserId): Promise<readonly Import[]> {
      return byUser.all(userId).map(toImport)
    },
    /** In the order of the list. */
    async importRows(id: string, state: ImportRow['state'], limit: number) {
      return rows.all(id, state, limit).map(toImportRow)
    },
    async countImport(id: string): Promise<ImportCounts> {
      const found = new Map(counts.all(id).map(({ state, n }) => [state, n]))
      const all = [...found.values()].reduce((sum, n) => sum + n, 0)
      const [waiting, failed, away] = (['waiting', 'failed', 'away'] as const).map(
        (state) => found.get(state) ?? 0,
      )
      return { all, waiting: waiting ?? 0, failed: failed ?? 0, away: away ?? 0 }
    },
  }
}
