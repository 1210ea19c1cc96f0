import type { Database } from './database.ts'
import { domainsOf, mostLabels, type DomainBlock, type Severity } from '../model/domain-block.ts'
import { asActorId, asRoomId, asUserId } from '../model/ids.ts'
import type { ActorId } from '../model/ids.ts'
import { withRule, type PolicyIndex } from '../model/policy-index.ts'
import type { NewRow, Row } from './tables.ts'

type Found = Row<'domain_block'> & { list?: string | null }

const toDomainBlock = (row: Found): DomainBlock => ({
  domain: row.domain,
  severity: row.severity as Severity,
  rejectsMedia: row.rejects_media === 1,
  rejectsReports: row.rejects_reports === 1,
  ...(row.is_obfuscated === 1 ? { isObfuscated: true } : {}),
  ...(row.reason === null ? {} : { reason: row.reason }),
  ...(row.public_comment === null ? {} : { publicComment: row.public_comment }),
  ...(row.list === null || row.list === undefined ? {} : { list: row.list }),
  by: asUserId(row.by_user),
  at: row.at,
})

/** A place for each of the domains that a host may be under. */
const anyOf = Array.from({ length: mostLabels }, () => '')
const places = anyOf.map(() => '?').join(', ')

/**
 * What holds of the hosts that were asked about, which are asked about for each request. A change of
 * any block forgets it whole; so does a host too many.
 */
export type KnownBlocks = Map<string, DomainBlock | undefined>
const mostKnown = 2_000
/** A name of the net and a port; what is longer is nobody's. */
const longestHost = 260

/** What holds for a host: what admins say of it, lists of blocks, and policy lists. */
function nearestBlocks(database: Database, known: KnownBlocks, policies: () => PolicyIndex) {
  // What an admin says of a domain counts, then the strictest of the lists.
  const nearest = database.prepare<string[], Found>(
    `select domain, severity, rejects_media, rejects_reports, reason, by_user, at, is_obfuscated,
       public_comment, null as list, 0 as rank, length(domain) as depth
     from domain_block where domain in (${places})
     union all
     select domain, severity, rejects_media, rejects_reports, reason, by_user, at, is_obfuscated,
       public_comment, list, case severity when 'suspend' then 1 when 'silence' then 2 else 3 end,
       length(domain)
     from listed_block join blocklist on url = list
     where domain in (${places})
     order by depth desc, rank limit 1`,
  )
  const besidePolicies = (host: string): DomainBlock | undefined => {
    const found = known.get(host)
    if (found !== undefined || known.has(host)) return found
    const domains = domainsOf(host)
    const wanted = anyOf.map((_, index) => domains[index] ?? '')
    const row = nearest.get(...wanted, ...wanted)
    const block = row && toDomainBlock(row)
    if (known.size >= mostKnown) known.clear()
    if (host.length <= longestHost) known.set(host, block)
    return block
  }
  return {
    /** The one of that host, or of the nearest domain that it is under. */
    async findDomainBlock(host: string) {
      return withRule(besidePolicies(host), policies(), host)
    },
    /** The same when those are the rules of policy lists. */
    async blockUnder(rules: PolicyIndex, host: string) {
      return withRule(besidePolicies(host), rules, host)
    },
    /** What holds for a domain where an admin says nothing of it itself. */
    async blockWithout(domain: string) {
      const domains = domainsOf(domain)
      const wanted = anyOf.map((_, index) => domains[index] ?? '')
      const row = nearest.get(...wanted.map((one) => (one === domain ? '' : one)), ...wanted)
      return withRule(row && toDomainBlock(row), policies(), domain)
    },
  }
}

/** Lookups of what admins keep away. */
export function domainBlockFinds(
  database: Database,
  known: KnownBlocks,
  policies: () => PolicyIndex,
) {
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
    ...nearestBlocks(database, known, policies),
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

export function domainBlockWrites(database: Database, known: KnownBlocks) {
  const put = database.prepare<[NewRow<'domain_block'>]>(
    `insert into domain_block
       (domain, severity, rejects_media, rejects_reports, reason, by_user, at, is_obfuscated,
       public_comment)
     values (@domain, @severity, @rejects_media, @rejects_reports, @reason, @by_user, @at,
       @is_obfuscated, @public_comment)
     on conflict (domain) do update set severity = excluded.severity,
       rejects_media = excluded.rejects_media, rejects_reports = excluded.rejects_reports,
       reason = excluded.reason, by_user = excluded.by_user, at = excluded.at,
       is_obfuscated = excluded.is_obfuscated, public_comment = excluded.public_comment`,
  )
  const remove = database.prepare<[string]>('delete from domain_block where domain = ?')
  return {
    putDomainBlock({
      domain,
      severity,
      rejectsMedia,
      rejectsReports,
      isObfuscated,
      reason,
      publicComment,
      by,
      at,
    }: DomainBlock) {
      known.clear()
      put.run({
        ...{ domain, severity, at, by_user: by, reason: reason ?? null },
        rejects_media: rejectsMedia ? 1 : 0,
        rejects_reports: rejectsReports ? 1 : 0,
        is_obfuscated: isObfuscated === true ? 1 : 0,
        public_comment: publicComment ?? null,
      })
    },
    removeDomainBlock(domain: string) {
      known.clear()
      remove.run(domain)
    },
  }
}
