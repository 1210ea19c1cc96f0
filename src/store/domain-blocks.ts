import type { Database } from './database.ts'
import { domainsOf, type DomainBlock, type Severity } from '../model/domain-block.ts'
import { asActorId, asRoomId, asUserId } from '../model/ids.ts'
import type { ActorId } from '../model/ids.ts'
import type { NewRow, Row } from './tables.ts'

const toDomainBlock = (row: Row<'domain_block'>): DomainBlock => ({
  domain: row.domain,
  severity: row.severity as Severity,
  rejectsMedia: row.rejects_media === 1,
  rejectsReports: row.rejects_reports === 1,
  ...(row.reason === null ? {} : { reason: row.reason }),
  by: asUserId(row.by_user),
  at: row.at,
})

/** Lookups of what admins keep away. */
export function domainBlockFinds(database: Database) {
  const nearest = database.prepare<[string], Row<'domain_block'>>(
    `select * from domain_block where domain in (select value from json_each(?))
     order by length(domain) desc limit 1`,
  )
  const all = database.prepare<[], Row<'domain_block'>>(
    'select * from domain_block order by domain',
  )
  const rooms = database.prepare<
    [{ domain: string; after: string; limit: number }],
    { actor_id: string; host: string; room_id: string }
  >(
    `select portal.actor_id, host, portal.room_id from portal join remote_actor on remote_actor.id = actor_id
     where portal.kind = 'actor' and portal.actor_id > @after
       and (host = @domain or host like '%.' || @domain
         or host like @domain || ':%' or host like '%.' || @domain || ':%'
         or actor_id like '%//' || @domain || '/%' or actor_id like '%.' || @domain || '/%'
         or actor_id like '%//' || @domain || ':%' or actor_id like '%.' || @domain || ':%')
     order by portal.actor_id limit @limit`,
  )
  return {
    /** The one of that host, or of the nearest domain that it is under. */
    async findDomainBlock(host: string) {
      const row = nearest.get(JSON.stringify(domainsOf(host)))
      return row && toDomainBlock(row)
    },
    /** In the order of the domains. */
    async domainBlocks() {
      return all.all().map(toDomainBlock)
    },
    /** Rooms of accounts there, in the order of the accounts, behind that one. */
    async portalsUnder(domain: string, after: ActorId | undefined, limit: number) {
      return rooms
        .all({ domain, after: after ?? '', limit })
        .map(({ actor_id, host, room_id }) => ({
          actorId: asActorId(actor_id),
          host,
          roomId: asRoomId(room_id),
        }))
    },
  }
}

export function domainBlockWrites(database: Database) {
  const put = database.prepare<[NewRow<'domain_block'>]>(
    `insert into domain_block
       (domain, severity, rejects_media, rejects_reports, reason, by_user, at)
     values (@domain, @severity, @rejects_media, @rejects_reports, @reason, @by_user, @at)
     on conflict (domain) do update set severity = excluded.severity,
       rejects_media = excluded.rejects_media, rejects_reports = excluded.rejects_reports,
       reason = excluded.reason, by_user = excluded.by_user, at = excluded.at`,
  )
  const remove = database.prepare<[string]>('delete from domain_block where domain = ?')
  return {
    putDomainBlock: ({
      domain,
      severity,
      rejectsMedia,
      rejectsReports,
      reason,
      by,
      at,
    }: DomainBlock) =>
      put.run({
        ...{ domain, severity, at, by_user: by, reason: reason ?? null },
        rejects_media: rejectsMedia ? 1 : 0,
        rejects_reports: rejectsReports ? 1 : 0,
      }),
    removeDomainBlock: (domain: string) => remove.run(domain),
  }
}
