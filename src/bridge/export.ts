import type { ActorId, Mxc, UserId } from '../model/ids.ts'
import type { Attempt } from './attempt.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { ExportPlace } from '../model/export.ts'
import type { LocalActor } from '../model/actor.ts'
import { RejectedError } from '../model/errors.ts'
import { addFiles } from './export-files.ts'
import { addPosts, addProfile, type Filling } from './export-texts.ts'
import { uploadLimit } from './media.ts'
import { roomOf } from './portals.ts'
import { sendOnce } from './speak.ts'
import { tellJob } from './tell-job.ts'
import { txnIdOf } from './txn.ts'

type Ordered = {
  readonly actorId: ActorId
  readonly userId: UserId
  /** Names this export among the others of the user. */
  readonly key: string
  /** The first is 1. */
  readonly part: number
}

/**
 * Makes one archive of what somebody has here, of what fits into a file; or sends one that is made.
 * Payload of an `upkeep` job.
 */
export type Export =
  | (Ordered & { readonly type: 'export'; readonly step: 'fill'; readonly place: ExportPlace })
  | (Ordered & {
      readonly type: 'export'
      readonly step: 'send'
      readonly mxc: Mxc
      readonly size: number
      readonly name: string
      readonly text: string
    })

/** Bytes; more is unkind to whoever downloads it. */
const largest = 100 * 1024 * 1024
/** Bytes for what is added when an archive ends. */
const margin = 65_536

function exportJob(work: Export): Change {
  const name = `export ${work.actorId} ${work.key}`
  const job = {
    kind: 'upkeep',
    key: `${name} ${String(work.part)} ${work.step}`,
    lane: `upkeep:${name}`,
    payload: JSON.stringify(work),
  } as const
  return { change: 'enqueue', job }
}

/** The first of the archives, and with it all others. */
export const beginExport = ({ id, userId }: LocalActor, key: string): Change =>
  exportJob({
    ...{ type: 'export', step: 'fill', actorId: id, userId, key, part: 1 },
    place: { activities: 0, files: 0 },
  })

const budgetOf = async (deps: Deps): Promise<number> =>
  Math.min(await uploadLimit(deps), largest) - margin

const nameOf = ({ username }: LocalActor, { part }: Ordered, now: number): string => {
  const day = new Date(now).toISOString().slice(0, 10)
  return `footbridge-${username}-${day}${part === 1 ? '' : `-${String(part)}`}.zip`
}

const counted = (count: number, what: string): string =>
  `${String(count)} ${what}${count === 1 ? '' : 's'}`

type Filled = {
  readonly place: ExportPlace | undefined
  readonly posts: number
  readonly files: number
  readonly missing: number
}

function textOf({ part }: Ordered, { place, posts, files, missing }: Filled): string {
  const what = `${counted(posts, 'post')} and ${counted(files, 'file')}`
  const begin = part === 1 ? `Your profile, your lists, ${what}.` : `Part ${part}: ${what}.`
  const gone = missing === 0 ? [] : [`${counted(missing, 'file')} could not be had.`]
  const end = place === undefined ? 'That is everything.' : 'Another part follows.'
  return [begin, ...gone, end].join(' ')
}

async function fill(actor: LocalActor, filling: Filling, deps: Deps): Promise<Filled> {
  const { archive, part } = filling
  if (part === 1) await addProfile(actor, archive, deps)
  const posted = await addPosts(actor.id, filling, deps)
  const all = posted.place.activities === 'done'
  const added = all
    ? await addFiles(actor.id, { ...filling, place: posted.place }, deps)
    : { place: posted.place, files: 0, missing: 0 }
  await archive.end()
  return { ...added, posts: posted.posts }
}

/** One at a time on this server: each needs room on the disk, and reads much. */
async function make(
  work: Export & { readonly step: 'fill' },
  { failures = 0 }: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  const actor = await deps.store.findLocalActor(work.actorId)
  if (actor === undefined || actor.deletedAt !== undefined) return []
  return deps.locks('export', async () => {
    const budget = await budgetOf(deps)
    const archive = await deps.createArchive()
    try {
      const { part, place } = work
      const filled = await fill(actor, { archive, part, place, failures, budget }, deps)
      const name = nameOf(actor, work, deps.clock.now())
      const { file } = archive
      const mxc = await deps.homeserver.upload({ source: file, mediaType: 'application/zip', name })
      const next = filled.place
      const { actorId, userId, key } = work
      const sent = { mxc, name, size: file.size, text: textOf(work, filled) }
      const same = { type: 'export', actorId, userId, key } as const
      return [
        exportJob({ ...same, step: 'send', part, ...sent }),
        ...(next === undefined
          ? []
          : [exportJob({ ...same, step: 'fill', part: part + 1, place: next })]),
      ]
    } finally {
      await archive.file.discard()
    }
  })
}

/** Into the chat with the bot, which nobody else reads. */
async function send(
  { actorId, userId, key, part, mxc, name, size, text }: Export & { readonly step: 'send' },
  { isRepeated }: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  const roomId = await roomOf({ kind: 'management', userId }, deps)
  const { bot } = deps.identity
  const content = {
    ...{ msgtype: 'm.file', body: text, filename: name, url: mxc },
    info: { mimetype: 'application/zip', size },
    'm.mentions': {},
  }
  const txnId = txnIdOf(bot, roomId, `export ${actorId} ${key}`, part)
  const message = { type: 'm.room.message', txnId, content }
  await sendOnce(bot, roomId, { message, isRepeated, deps })
  return []
}

/** Safe to run again: what was uploaded and not sent is made anew. */
export const doExport = (work: Export, attempt: Attempt, deps: Deps): Promise<readonly Change[]> =>
  work.step === 'fill' ? make(work, attempt, deps) : send(work, attempt, deps)

/** The user hears that nothing will come. */
export function giveUpExport({ userId, actorId, key }: Export, error: unknown): readonly Change[] {
  const why =
    error instanceof RejectedError && error.code === 'M_TOO_LARGE'
      ? 'this server takes no file of that size'
      : 'something went wrong here, and the admin can see what'
  const text = `Your export could not be made: ${why}. \`export\` tries it again.`
  return [tellJob({ key: `unexported ${actorId} ${key}`, userId, text })]
}
