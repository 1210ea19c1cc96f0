import type { Deps } from './ports.ts'
import type { Identity } from './ports.ts'
import type { Job } from '../model/job.ts'
import type { JobResult } from '../model/job-result.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { KnownForFediverse } from '../translate/known.ts'
import type { Portal } from '../model/portal.ts'
import type { Action, Translation } from '../model/action.ts'
import { toActivityPub } from '../translate/to-activitypub.ts'
import { botChatGoneOnFrom, tellMoved } from './moved.ts'
import { changeDraft, waitForMore } from './drafts.ts'
import { takenOut } from './groups-moderated.ts'
import { noteEarlyPins, pinsOnceMore } from './early-pins.ts'
import { orderOfEdit } from './edit-order.ts'
import { perform } from './perform.ts'
import { receiveGroupNews } from './own-groups.ts'
import { receiveListed } from './policy-lists.ts'
import { receiveMembership } from './receive-membership.ts'
import { receiveTombstone } from './room-upgrades.ts'
import { resolveEvent } from './resolve-event.ts'
import { answerByReaction } from './follow-requests.ts'
import { welcomeNewActor } from './welcome.ts'

/** A list that comes with the words that say what to do with it. */
const bringsList = ({ kind, text, media }: MatrixEvent & { type: 'message' }, prefix: string) =>
  kind === 'media' &&
  media.length > 0 &&
  /^!?import(?:\s|$)/i.test(text.body.trim().replace(`${prefix} `, ''))

/** The line of a command: all that is written in a chat with the bot, elsewhere what has the prefix. */
export function commandLineOf(
  event: MatrixEvent,
  portal: Portal | undefined,
  identity: Identity,
): string | undefined {
  if (event.type !== 'message') return undefined
  if (event.kind !== 'text' && !bringsList(event, identity.commandPrefix)) return undefined
  const body = event.text.body.trim()
  const prefixed = body === identity.commandPrefix || body.startsWith(`${identity.commandPrefix} `)
  if (prefixed) return body.slice(identity.commandPrefix.length).trim()
  return portal?.kind === 'management' ? body.replace(/^!/, '').trim() : undefined
}

/** The same of what stands in a room, which may be a chat with the bot that goes on elsewhere by now. */
export async function commandIn(event: MatrixEvent, deps: Deps): Promise<string | undefined> {
  if (event.type !== 'message') return undefined
  const portal =
    (await deps.store.findPortalByRoom(event.roomId)) ?? (await botChatGoneOnFrom(event, deps))
  return commandLineOf(event, portal, deps.identity)
}

/** How long an event waits for the mapping of what it refers to. */
const targetPatience = 60_000
const firstWait = 2_000

/**
 * People can answer a message of ours before the homeserver has told us its event id. Such an event
 * waits off the room's lane, a little longer each time.
 */
function waitForTarget(
  translation: Translation,
  known: KnownForFediverse,
  { event, job, now }: { readonly event: MatrixEvent; readonly job: Job; readonly now: number },
): JobResult | undefined {
  const isUnknown = 'skip' in translation && translation.skip === 'unknown-target'
  const isHere = known.portal !== undefined && known.portal.kind !== 'management'
  const end = job.addedAt + targetPatience
  if (!isUnknown || !isHere || now >= end) return undefined
  const until = Math.min(now + Math.max(firstWait, now - job.addedAt), end)
  return { park: { until, reason: `${event.type} refers to an event that is not known yet` } }
}

const isKnown = async ({ roomId, eventId }: MatrixEvent, { store }: Deps): Promise<boolean> =>
  (await store.findMappingByEvent(roomId, eventId)) !== undefined ||
  (await store.findDraft(roomId, eventId)) !== undefined

/** Whoever sends a table to the bot has something in mind with it. */
function hintAtList(event: MatrixEvent, portal: Portal | undefined): readonly Action[] {
  if (portal?.kind !== 'management' || event.type !== 'message') return []
  const [file] = event.media
  if (!/\.csv$/i.test(file?.name ?? '') && file?.mediaType !== 'text/csv') return []
  const text = 'If this is a list of accounts, answer it with `import follows` or `import blocks`.'
  const place = { kind: 'room', roomId: event.roomId } as const
  return [{ do: 'tell', place, text, key: `list ${event.eventId}`, replyTo: event.eventId }]
}

/** Does one event that is no command: obey membership, or resolve, translate, perform, record. Safe to run again. */
export async function receiveEvent(event: MatrixEvent, job: Job, deps: Deps): Promise<JobResult> {
  const attempt = { isRepeated: job.claims > 0 }
  if (event.type === 'member') return receiveMembership(event, job, deps)
  const listed = await receiveListed(event, deps)
  if (listed !== undefined) return listed
  if (event.type === 'tombstone') return receiveTombstone(event, deps)
  const news = await receiveGroupNews(event, deps)
  if (news !== undefined) return news
  // Read back from history and pushed later, or pushed twice: one event is one object.
  if (event.type === 'message' && (await isKnown(event, deps)))
    return { outcome: 'skipped: already-known', changes: [] }
  const answer = event.type === 'reaction' ? await answerByReaction(event, deps) : undefined
  if (answer !== undefined)
    return { outcome: 'done', changes: await perform(answer, attempt, deps) }
  if (event.type === 'pins') await noteEarlyPins(event, job, deps)
  const order = event.type === 'edit' ? await orderOfEdit(event, deps) : undefined
  if (order?.isOld === true) return { outcome: 'skipped: already-known', changes: [] }
  const changed = await changeDraft(event, order, deps)
  if (changed !== undefined) return changed
  const known = await resolveEvent(event, deps)
  const translation = toActivityPub(event, known)
  const wait = waitForTarget(translation, known, { event, job, now: deps.clock.now() })
  if (wait !== undefined) return wait
  const waiting = waitForMore(event, translation, deps)
  const actions = [
    ...(waiting === undefined ? (translation.actions ?? []) : []),
    ...(known.portal === undefined ? await tellMoved(event, deps) : []),
    ...(await welcomeNewActor(event, known, deps)),
    ...(await takenOut(event, known, deps)),
    ...hintAtList(event, known.portal),
  ]
  const changes = [
    ...('skip' in translation ? [] : (order?.changes ?? [])),
    ...(await perform(actions, attempt, deps)),
    ...(waiting ?? []),
    ...(event.type === 'message' && waiting === undefined
      ? await pinsOnceMore(event.roomId, [event.eventId], deps)
      : []),
  ]
  if (waiting !== undefined) return { outcome: 'waits for more', changes }
  return { outcome: 'skip' in translation ? `skipped: ${translation.skip}` : 'done', changes }
}
