import { asActorId, type ActorId } from '../model/ids.ts'
import type { Database } from './database.ts'
import type { KeyPair } from '../model/actor.ts'
import type { Row } from './tables.ts'
import { toKeyPair } from './rows.ts'

/** Writes of the keys of our own actors. */
export function keyWrites(database: Database) {
  const put = database.prepare<[Row<'actor_key'>]>(
    `insert into actor_key (key_id, actor_id, kind, public_pem, sealed, made_at, retired_at)
     values (@key_id, @actor_id, @kind, @public_pem, @sealed, @made_at, @retired_at)
     on conflict do nothing`,
  )
  // What proofs are made with is not needed any more; its public half still proves older ones.
  const retire = database.prepare<[Pick<Row<'actor_key'>, 'actor_id' | 'kind' | 'made_at'>]>(
    `update actor_key set retired_at = @made_at,
       sealed = case when kind = 'rsa' then sealed else '' end
     where actor_id = @actor_id and kind = @kind and retired_at is null`,
  )
  const find = database.prepare<[string], { key_id: string }>(
    'select key_id from actor_key where key_id = ?',
  )
  const putKeyPair = (actorId: ActorId, pair: KeyPair): void => void put.run(toRow(actorId, pair))
  return {
    putKeyPair,
    rotateKeyPair(actorId: ActorId, pair: KeyPair): void {
      if (find.get(pair.keyId) !== undefined) return
      retire.run({ actor_id: actorId, kind: pair.kind, made_at: pair.madeAt })
      putKeyPair(actorId, pair)
    },
  }
}

const toRow = (actorId: ActorId, pair: KeyPair): Row<'actor_key'> => ({
  key_id: pair.keyId,
  actor_id: actorId,
  kind: pair.kind,
  public_pem: pair.publicPem,
  sealed: pair.sealed,
  made_at: pair.madeAt,
  retired_at: pair.retiredAt ?? null,
})

const pageSize = 500

/** Says that keys were written over and the file not made anew yet: a start may die in between. */
const uncleanMark = 'sealed over'

function resealing(database: Database) {
  const next = database.prepare<[string, number], Row<'actor_key'>>(
    'select * from actor_key where key_id > ? order by key_id limit ?',
  )
  const seal = database.prepare<[string, string]>(
    'update actor_key set sealed = ? where key_id = ?',
  )
  const note = database.prepare<[string]>(
    `insert into mark (key, value, at) values (?, '', 0) on conflict (key) do nothing`,
  )
  const unclean = database.prepare<[string]>('select 1 from mark where key = ?')
  const clean = database.prepare<[string]>('delete from mark where key = ?')
  return {
    /** Writes what `again` makes of each private key where it is another, all in one transaction. */
    async resealKeys(again: (actorId: ActorId, pair: KeyPair) => string): Promise<void> {
      const changed: [sealed: string, keyId: string][] = []
      for (let rows = next.all('', pageSize); rows.length > 0;) {
        for (const row of rows) {
          const sealed = row.sealed === '' ? '' : again(asActorId(row.actor_id), toKeyPair(row))
          if (sealed !== row.sealed) changed.push([sealed, row.key_id])
        }
        rows = next.all(rows.at(-1)?.key_id ?? '', pageSize)
      }
      if (changed.length > 0)
        await database.commit(() => {
          changed.forEach((one) => seal.run(...one))
          note.run(uncleanMark)
        })
      if (unclean.get(uncleanMark) === undefined) return
      // What was written over lies about in the file until the file is made anew.
      database.prepare('vacuum').run()
      database.prepare('pragma wal_checkpoint(truncate)').get()
      await database.commit(() => void clean.run(uncleanMark))
    },
  }
}

/** Lookups of the keys of our own actors. */
export function keyFinds(database: Database) {
  const ofActor = database.prepare<[string], Row<'actor_key'>>(
    'select * from actor_key where actor_id = ? order by made_at desc, key_id',
  )
  const forget = database.prepare<[number]>('delete from actor_key where retired_at < ?')
  const due = database.prepare<[number, number], { actor_id: string }>(
    `select actor_id from actor_key
     where kind = 'rsa' and retired_at is null and made_at < ? order by made_at limit ?`,
  )
  const told = database.prepare<[string, number], { inbox: string }>(
    `select distinct inbox from object join recipient on recipient.object_id = object.id
     where object.author = ? limit ?`,
  )
  return {
    ...resealing(database),
    /** Inboxes that posts of that author were sent to. */
    async inboxesTold(author: ActorId, limit: number) {
      return told.all(author, limit).map(({ inbox }) => inbox)
    },
    /** Newest first; those that were retired too. */
    async keyPairsOf(actorId: ActorId): Promise<readonly KeyPair[]> {
      return ofActor.all(actorId).map(toKeyPair)
    },
    /** Keys that were retired before this time, milliseconds since the epoch. */
    async forgetKeys(before: number): Promise<void> {
      await database.commit(() => void forget.run(before))
    },
    /** Actors whose key was made before this time, the oldest first. */
    async actorsWithKeysBefore(time: number, limit: number): Promise<readonly ActorId[]> {
      return due.all(time, limit).map((row) => asActorId(row.actor_id))
    },
  }
}
