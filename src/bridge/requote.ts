import { createHash } from 'node:crypto'
import type { Change } from '../model/change.ts'
import type { Activity } from '../model/activity.ts'
import type { Deps } from './ports.ts'
import type { Job } from '../model/job.ts'
import type { Note, Quotation } from '../model/note.ts'
import type { ActorId, ObjectId } from '../model/ids.ts'
import { RejectedError } from '../model/errors.ts'
import { asActivityId } from '../model/ids.ts'
import { withoutQuote } from '../translate/own-quotes.ts'
import { toMatrix } from '../translate/to-matrix.ts'
import { attemptOf } from './attempt.ts'
import { perform } from './perform.ts'
import { turnOf } from './receive-activity.ts'
import { fetchingOnce } from './resolve-ancestors.ts'
import { resolveActivity } from './resolve-activity.ts'
import { ownQuoteOf } from './resolve-consent.ts'

/** A post changed or went, or its author or a permission to quote did: what shows it by quoting it follows. */
export type Requote = {
  readonly type: 'requote'
  readonly of: ObjectId | ActorId
  /** The last post that was done. */
  readonly after?: ObjectId
}

/** Each may have to fetch something; the others come in a job of their own. */
const perJob = 10

const hashOf = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 16)

/** As if its author had sent it again. */
async function showAgain(note: Note, job: Job, deps: Deps): Promise<void> {
  const activity: Activity = {
    id: asActivityId(`${note.id}#requote-${hashOf(job.key)}`),
    actor: note.author,
    type: 'update-note',
    object: { ref: note.id, embedded: note },
  }
  try {
    // What quotes this one is as it was: two posts that quote each other must not go round for ever.
    const known = { ...(await resolveActivity(activity, deps)), isQuoted: false }
    const { actions = [] } = toMatrix(activity, known)
    await deps.store.commit(await perform(actions, attemptOf(job), deps))
  } catch (error) {
    // Its author is gone meanwhile, and with them what they wrote.
    if (!(error instanceof RejectedError)) throw error
  }
}

/** In turn with its author, who may be changing or deleting it at this moment. */
const follow = ({ quoting }: Quotation, job: Job, deps: Deps): Promise<void> =>
  deps.locks(turnOf(quoting), async () => {
    const note = (await deps.store.findQuotation(quoting))?.note
    // Its votes were counted since.
    const poll = (await deps.store.findObject(quoting))?.poll
    if (note !== undefined)
      await showAgain({ ...note, ...(poll === undefined ? {} : { poll }) }, job, deps)
  })

/** A post of ours may not quote any more what it quotes. */
async function giveUp(quotation: Quotation, job: Job, deps: Deps): Promise<readonly Change[]> {
  const own = await ownQuoteOf(quotation, deps)
  if (own === undefined || own.record.deletedAt !== undefined) return []
  return perform(withoutQuote(own, deps.clock.now()), attemptOf(job), deps)
}

export async function requote(
  { of, after }: Requote,
  job: Job,
  deps: Deps,
): Promise<readonly Change[]> {
  const page = { limit: perJob, ...(after === undefined ? {} : { after }) }
  const quotations = await deps.store.quotationsOf(of, page)
  // As it is now, but once for all who quote it.
  const once = fetchingOnce(deps)
  const changes: Change[] = []
  for (const quotation of quotations) {
    const { note, authorization } = quotation
    if (note !== undefined) await follow(quotation, job, once)
    else if (authorization === of) changes.push(...(await giveUp(quotation, job, deps)))
  }
  const last = quotations.at(-1)
  if (last === undefined || quotations.length < perJob) return changes
  const payload = JSON.stringify({ type: 'requote', of, after: last.quoting })
  const next = { ...nextOf(job, last.quoting), payload } as const
  return [...changes, { change: 'enqueue', job: next }]
}

const nextOf = ({ kind, key, lane }: Job, after: ObjectId) => ({
  kind,
  key: `${key.split(' from ')[0] ?? ''} from ${after}`,
  lane,
})
