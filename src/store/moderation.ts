import type { Blocklist, ListedBlock } from '../model/blocklist.ts'
import type { Change } from '../model/change.ts'
import type { Database } from './database.ts'
import type { KnownBlocks } from './domain-blocks.ts'
import type { PersonalRule } from '../model/personal-rule.ts'
import type { Row } from './tables.ts'
import type { Severity } from '../model/domain-block.ts'
import { asActorId, asUserId, type ActorId } from '../model/ids.ts'

const toBlocklist = (row: Row<'blocklist'>): Blocklist => ({
  url: row.url,
  by: asUserId(row.by_user),
  addedAt: row.added_at,
  checkedAt: row.checked_at,
  ...(row.trouble === null ? {} : { trouble: row.trouble }),
})

const toListedBlock = (row: Row<'listed_block'>): ListedBlock => ({
  domain: row.domain,
  severity: row.severity as Severity,
  rejectsMedia: row.rejects_media === 1,
  rejectsReports: row.rejects_reports === 1,
  isObfuscated: row.is_obfuscated === 1,
  ...(row.reason === null ? {} : { reason: row.reason }),
  ...(row.public_comment === null ? {} : { publicComment: row.public_comment }),
})

const toRule = ({ owner, rule, target }: Row<'personal_rule'>): PersonalRule => ({
  owner: asActorId(owner),
  rule: rule as PersonalRule['rule'],
  target,
})

/** Lookups of what lists and single people keep away. */
export function moderationFinds(database: Database) {
  const lists = database.prepare<[], Row<'blocklist'>>('select * from blocklist order by url')
  const list = database.prepare<[string], Row<'blocklist'>>('select * from blocklist where url = ?')
  const ofList = database.prepare<[string], Row<'listed_block'>>(
    'select * from listed_block where list = ? order by domain',
  )
  const hosts = database.prepare<[], { host: string; actor_id: string }>(
    `select distinct host, actor_id from portal join remote_actor on remote_actor.id = actor_id
     where portal.kind = 'actor'`,
  )
  const rules = database.prepare<[string], Row<'personal_rule'>>(
    'select * from personal_rule where owner = ? order by rule, target',
  )
  const rule = database.prepare<[string, string, string], Row<'personal_rule'>>(
    'select * from personal_rule where owner = ? and rule = ? and target = ?',
  )
  return {
    async blocklists() {
      return lists.all().map(toBlocklist)
    },
    async findBlocklist(url: string) {
      const row = list.get(url)
      return row && toBlocklist(row)
    },
    async blocksOfList(url: string) {
      return ofList.all(url).map(toListedBlock)
    },
    async hostsWithRooms() {
      const rows = hosts.all()
      return [...new Set(rows.flatMap(({ host, actor_id }) => [host, new URL(actor_id).host]))]
    },
    async findPersonalRule(
      owner: ActorId,
      kinds: readonly PersonalRule['rule'][],
      targets: readonly string[],
    ) {
      for (const kind of kinds)
        for (const target of targets) {
          const row = rule.get(owner, kind, target)
          if (row !== undefined) return toRule(row)
        }
      return undefined
    },
    async personalRules(owner: ActorId) {
      return rules.all(owner).map(toRule)
    },
  }
}

export function moderationWrites(database: Database, known: KnownBlocks) {
  const putList = database.prepare<[Row<'blocklist'>]>(
    `insert into blocklist (url, by_user, added_at, checked_at, trouble)
     values (@url, @by_user, @added_at, @checked_at, @trouble)
     on conflict (url) do update set checked_at = excluded.checked_at, trouble = excluded.trouble`,
  )
  const empty = database.prepare<[string]>('delete from listed_block where list = ?')
  const removeList = database.prepare<[string]>('delete from blocklist where url = ?')
  const putBlock = database.prepare<[Row<'listed_block'>]>(
    `insert or replace into listed_block
       (domain, list, severity, rejects_media, rejects_reports, is_obfuscated, reason, at,
       public_comment)
     values (@domain, @list, @severity, @rejects_media, @rejects_reports, @is_obfuscated, @reason, @at,
       @public_comment)`,
  )
  const putRule = database.prepare<[Row<'personal_rule'>]>(
    'insert or ignore into personal_rule (owner, rule, target, at) values (@owner, @rule, @target, @at)',
  )
  const removeRule = database.prepare<[PersonalRule]>(
    'delete from personal_rule where owner = @owner and rule = @rule and target = @target',
  )
  return {
    putBlocklist({ list, blocks }: Change & { change: 'put-blocklist' }) {
      const { url, by, addedAt, checkedAt, trouble = null } = list
      putList.run({ url, by_user: by, added_at: addedAt, checked_at: checkedAt, trouble })
      if (blocks === undefined) return
      known.clear()
      empty.run(url)
      for (const block of blocks)
        putBlock.run({
          ...{ domain: block.domain, list: url, severity: block.severity, at: checkedAt },
          rejects_media: block.rejectsMedia ? 1 : 0,
          rejects_reports: block.rejectsReports ? 1 : 0,
          is_obfuscated: block.isObfuscated ? 1 : 0,
          reason: block.reason ?? null,
          public_comment: block.publicComment ?? null,
        })
    },
    removeBlocklist(url: string) {
      known.clear()
      empty.run(url)
      removeList.run(url)
    },
    putPersonalRule: ({ rule, at }: Change & { change: 'put-personal-rule' }) =>
      putRule.run({ ...rule, at }),
    removePersonalRule: (rule: PersonalRule) => removeRule.run(rule),
  }
}
