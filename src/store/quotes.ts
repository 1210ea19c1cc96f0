import type { ActivityId, ActorId, ObjectId } from '../model/ids.ts'
import { asObjectId } from '../model/ids.ts'
import type { Quotation } from '../model/note.ts'
import type { OwnStamp } from '../model/quote.ts'
import type { Database } from './database.ts'
import { toQuotation, toStamp } from './rows.ts'
import type { NewRow, Row } from './tables.ts'

/** Lookups of quotations, the permissions that our users gave, and what they pinned. */
export const quoteFinds = (database: Database) => ({
  ...quotationFinds(database),
  ...stampFinds(database),
  ...featuredFinds(database),
})

function quotationFinds(database: Database) {
  const byQuoting = database.prepare<[string], Row<'quotation'>>(
    'select * from quotation where quoting = ?',
  )
  const byRequest = database.prepare<[string], Row<'quotation'>>(
    'select * from quotation where request = ? limit 1',
  )
  const of = database.prepare<[{ id: string; after: string; limit: number }], Row<'quotation'>>(
    `select * from quotation where quoted = @id and quoting > @after
     union select * from quotation where authorization = @id and quoting > @after
     union select * from quotation where quoted_author = @id and quoting > @after
     order by quoting limit @limit`,
  )
  return {
    async findQuotation(quoting: ObjectId) {
      const row = byQuoting.get(quoting)
      return row && toQuotation(row)
    },
    async findQuotationByRequest(request: ActivityId) {
      const row = byRequest.get(request)
      return row && toQuotation(row)
    },
    /** Those of that post, of that author's posts, or by that permission, in the order of their `quoting`; from behind `after`. */
    async quotationsOf(
      id: ObjectId | ActorId,
      page: { readonly after?: ObjectId; readonly limit: number },
    ) {
      return of.all({ id, after: page.after ?? '', limit: page.limit }).map(toQuotation)
    },
  }
}

function stampFinds(database: Database) {
  const byId = database.prepare<[string], Row<'stamp'>>('select * from stamp where id = ?')
  const byPair = database.prepare<[string, string], Row<'stamp'>>(
    'select * from stamp where quoted = ? and quoting = ? order by seq desc limit 1',
  )
  const byAuthor = database.prepare<[string], Row<'stamp'>>(
    'select * from stamp where author = ? and revoked_at is null order by seq desc',
  )
  const count = database.prepare<[string], { n: number }>(
    'select count(*) as n from stamp where quoted = ? and revoked_at is null',
  )
  const countBy = database.prepare<[string, string], { n: number }>(
    'select count(*) as n from stamp where quoted = ? and quoter = ?',
  )
  return {
    /** Given to one account for one post; revoked ones too. */
    async countStampsBy(quoted: ObjectId, quoter: ActorId) {
      return countBy.get(quoted, quoter)?.n ?? 0
    },
    /** Revoked ones too. */
    async findStamp(id: ObjectId) {
      const row = byId.get(id)
      return row && toStamp(row)
    },
    /** The newest, a revoked one too: what was taken back is not given again. */
    async findStampFor(quoted: ObjectId, quoting: ObjectId) {
      const row = byPair.get(quoted, quoting)
      return row && toStamp(row)
    },
    /** What stands, newest first. */
    async stampsBy(author: ActorId) {
      return byAuthor.all(author).map(toStamp)
    },
    async countStamps(quoted: ObjectId) {
      return count.get(quoted)?.n ?? 0
    },
  }
}

function featuredFinds(database: Database) {
  const ofActor = database.prepare<[string], { object: string }>(
    `select featured.object from featured join object on object.id = featured.object
     where featured.actor = ? and object.deleted_at is null
       and object.visibility in ('public', 'unlisted')
     order by featured.position`,
  )
  return {
    /** In the order of pinning. */
    async featuredBy(actor: ActorId): Promise<readonly ObjectId[]> {
      return ofActor.all(actor).map(({ object }) => asObjectId(object))
    },
  }
}

/** Quotations, permissions and pins. */
export const quoteWrites = (database: Database) => ({
  ...quotationWrites(database),
  ...stampWrites(database),
  ...featuredWrites(database),
})

function quotationWrites(database: Database) {
  const put = database.prepare<[NewRow<'quotation'>]>(
    `insert into quotation (quoting, quoted, quoted_author, authorization, request, note)
     values (@quoting, @quoted, @quoted_author, @authorization, @request, @note)
     on conflict (quoting) do update set quoted = excluded.quoted,
       quoted_author = excluded.quoted_author,
       authorization = excluded.authorization, request = excluded.request, note = excluded.note`,
  )
  const remove = database.prepare<[string]>('delete from quotation where quoting = ?')
  return {
    putQuotation: ({ quoting, quoted, quotedAuthor, authorization, request, note }: Quotation) =>
      put.run({
        quoting,
        quoted,
        quoted_author: quotedAuthor ?? null,
        authorization: authorization ?? null,
        request: request ?? null,
        note: note === undefined ? null : JSON.stringify(note),
      }),
    removeQuotation: (quoting: ObjectId) => remove.run(quoting),
  }
}

function stampWrites(database: Database) {
  const put = database.prepare<[Omit<NewRow<'stamp'>, 'seq'>]>(
    `insert into stamp (id, author, quoting, quoted, quoter, created_at, revoked_at)
     values (@id, @author, @quoting, @quoted, @quoter, @created_at, @revoked_at)
     on conflict (id) do nothing`,
  )
  const revoke = database.prepare<[number, string]>(
    'update stamp set revoked_at = coalesce(revoked_at, ?) where id = ?',
  )
  return {
    putStamp: (stamp: OwnStamp) =>
      put.run({
        id: stamp.id,
        author: stamp.attributedTo,
        quoting: stamp.interactingObject,
        quoted: stamp.interactionTarget,
        quoter: stamp.quoter,
        created_at: stamp.createdAt,
        revoked_at: stamp.revokedAt ?? null,
      }),
    revokeStamp: (id: ObjectId, at: number) => revoke.run(at, id),
  }
}

function featuredWrites(database: Database) {
  const clear = database.prepare<[string]>('delete from featured where actor = ?')
  const add = database.prepare<[string, number, string]>(
    'insert into featured (actor, position, object) values (?, ?, ?)',
  )
  return {
    putFeatured(actor: ActorId, objects: readonly ObjectId[]) {
      clear.run(actor)
      objects.forEach((object, position) => add.run(actor, position, object))
    },
  }
}

/** What goes with a post that is deleted. */
export function forgettingQuotes(database: Database): (id: ObjectId, at: number) => void {
  const quotation = database.prepare<[string]>('delete from quotation where quoting = ?')
  const ofQuoting = database.prepare<[number, string]>(
    'update stamp set revoked_at = ? where revoked_at is null and quoting = ?',
  )
  const ofQuoted = database.prepare<[number, string]>(
    'update stamp set revoked_at = ? where revoked_at is null and quoted = ?',
  )
  const featured = database.prepare<[string]>('delete from featured where object = ?')
  return (id, at) => {
    quotation.run(id)
    ofQuoting.run(at, id)
    ofQuoted.run(at, id)
    featured.run(id)
  }
}
