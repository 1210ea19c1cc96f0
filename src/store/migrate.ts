import type Sqlite from 'better-sqlite3'
import { closeSync, openSync, renameSync, rmSync } from 'node:fs'
import type { Migration } from 'kysely/migration'
import { TroubleError } from '../model/trouble.ts'

/** By name, in order. */
export type Migrations = Readonly<Record<string, () => Promise<Migration>>>

/** A published migration never changes. Loaded when there is something to bring up to date. */
export const migrations: Migrations = {
  '0001-initial': async () => (await import('./migrations/0001-initial.ts')).initial,
  '0003-own-notes': async () => (await import('./migrations/0003-own-notes.ts')).ownNotes,
  '0004-media': async () => (await import('./migrations/0004-media.ts')).media,
  '0005-published-media': async () =>
    (await import('./migrations/0005-published-media.ts')).publishedMedia,
  '0006-profiles': async () => (await import('./migrations/0006-profiles.ts')).profiles,
  '0007-reactions': async () => (await import('./migrations/0007-reactions.ts')).reactions,
  '0008-polls': async () => (await import('./migrations/0008-polls.ts')).polls,
  '0009-quotes': async () => (await import('./migrations/0009-quotes.ts')).quotes,
  '0010-emoji-and-profiles': async () =>
    (await import('./migrations/0010-emoji-and-profiles.ts')).emojiAndProfiles,
  '0011-home': async () => (await import('./migrations/0011-home.ts')).home,
  '0012-drafts': async () => (await import('./migrations/0012-drafts.ts')).drafts,
  '0013-looks': async () => (await import('./migrations/0013-looks.ts')).looks,
  '0017-keys': async () => (await import('./migrations/0017-keys.ts')).keys,
  '0018-collections': async () => (await import('./migrations/0018-collections.ts')).collections,
  '0019-hosts': async () => (await import('./migrations/0019-hosts.ts')).hosts,
  '0020-pruning': async () => (await import('./migrations/0020-pruning.ts')).pruning,
  '0021-reports': async () => (await import('./migrations/0021-reports.ts')).reports,
  '0022-user-limits': async () => (await import('./migrations/0022-user-limits.ts')).userLimits,
  '0024-domain-blocks': async () =>
    (await import('./migrations/0024-domain-blocks.ts')).domainBlocks,
  '0026-consent': async () => (await import('./migrations/0026-consent.ts')).consent,
  '0033-account-words': async () =>
    (await import('./migrations/0033-account-words.ts')).accountWords,
  '0028-fates': async () => (await import('./migrations/0028-fates.ts')).fates,
  '0029-pages': async () => (await import('./migrations/0029-pages.ts')).pages,
  '0030-moderation': async () => (await import('./migrations/0030-moderation.ts')).moderation,
  '0034-admin-page': async () => (await import('./migrations/0034-admin-page.ts')).adminPage,
  '0036-report-deeds': async () => (await import('./migrations/0036-report-deeds.ts')).reportDeeds,
  '0038-traces': async () => (await import('./migrations/0038-traces.ts')).traces,
  '0040-public-comments': async () =>
    (await import('./migrations/0040-public-comments.ts')).publicComments,
  '0041-groups': async () => (await import('./migrations/0041-groups.ts')).groups,
  '0035-policy-lists': async () => (await import('./migrations/0035-policy-lists.ts')).policyLists,
}

/**
 * Brings the schema up to the newest migration, all of it or nothing. A file that has a schema
 * already is first copied to `<path>.before-<migration>`. Throws when the schema is newer than
 * this version knows.
 */
export async function migrate(
  sqlite: Sqlite.Database,
  path?: string,
  known: Migrations = migrations,
): Promise<void> {
  const applied = appliedTo(sqlite)
  const newer = newerMigration(sqlite, known)
  if (newer !== undefined)
    throw new TroubleError(
      'database-newer',
      `database: ${path ?? 'it'} was changed by a newer version (migration ${newer})`,
      { mend: 'Run that version, or restore a copy made before it.' },
    )
  const next = Object.keys(known).find((name) => !applied.includes(name))
  if (next === undefined) return
  if (path !== undefined && applied.length > 0) copyFile(sqlite, `${path}.before-${next}`)
  await runAll(sqlite, known)
}

/** A migration of that database which this version does not know. */
export const newerMigration = (
  sqlite: Sqlite.Database,
  known: Migrations = migrations,
): string | undefined => appliedTo(sqlite).find((name) => !(name in known))

function appliedTo(sqlite: Sqlite.Database): readonly string[] {
  const table = sqlite
    .prepare("select 1 from sqlite_master where type = 'table' and name = 'kysely_migration'")
    .get()
  if (table === undefined) return []
  return sqlite.prepare<[], string>('select name from kysely_migration').pluck().all()
}

/** Complete under its name or not there at all; the content of the WAL is in it. */
function copyFile(sqlite: Sqlite.Database, target: string): void {
  const partial = `${target}.partial`
  rmSync(partial, { force: true })
  closeSync(openSync(partial, 'w', 0o600))
  sqlite.prepare('vacuum into ?').run(partial)
  renameSync(partial, target)
}

/**
 * Kysely runs SQLite migrations outside a transaction, but SQLite can roll a schema change back,
 * and nobody else has this connection yet: so the transaction is ours.
 */
async function runAll(sqlite: Sqlite.Database, known: Migrations): Promise<void> {
  // A start that has nothing to do here goes without 5 MB.
  const { Kysely, SqliteDialect } = await import('kysely')
  const { Migrator } = await import('kysely/migration')
  const database = new Kysely<unknown>({ dialect: new SqliteDialect({ database: sqlite }) })
  const provider = { getMigrations: () => loadAll(known) }
  sqlite.exec('begin exclusive')
  const { error } = await new Migrator({ db: database, provider }).migrateToLatest()
  sqlite.exec(error === undefined ? 'commit' : 'rollback')
  if (error !== undefined)
    throw new Error('database: the schema could not be brought up to date', { cause: error })
}

async function loadAll(known: Migrations): Promise<Record<string, Migration>> {
  const loaded = Object.entries(known).map(async ([name, load]) => [name, await load()] as const)
  return Object.fromEntries(await Promise.all(loaded))
}
