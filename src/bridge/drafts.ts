import type { Attempt } from './attempt.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { EditOrder } from './edit-order.ts'
import type { Draft } from '../model/draft.ts'
import type { JobResult } from '../model/job-result.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { RoomId } from '../model/ids.ts'
import type { Translation } from '../model/action.ts'
import { safeName } from '../model/names.ts'
import { groupDrafts, joinMessages } from '../translate/join-messages.ts'
import { refusedContent } from '../translate/not-sent.ts'
import { toActivityPub } from '../translate/to-activitypub.ts'
import { pinsOnceMore } from './early-pins.ts'
import { perform } from './perform.ts'
import { resolveEvent } from './resolve-event.ts'
import { tellJob } from './tell-job.ts'
import { waitingUntil, withoutWaiting } from './without-waiting.ts'

/** What is written in one room waits for its turn here: an edit never meets a post half made. */
const inRoom = <T>(roomId: RoomId, work: () => Promise<T>, { locks }: Deps): Promise<T> =>
  locks(`drafts ${roomId}`, work)

/** How long a post waits for the servers of those whom it names before it goes out without them. */
const patience = 600_000

const isPost = ({ actions = [] }: Translation): boolean =>
  actions.some((action) => action.do === 'publish' && action.activity.type === 'create')

/**
 * Where messages that follow each other become one post, a message that would be published waits
 * for the next one. Undefined: it goes out now.
 */
export function waitForMore(
  event: MatrixEvent,
  translation: Translation,
  { joinMediaWithin, clock }: Deps,
): readonly Change[] | undefined {
  if (joinMediaWithin === 0 || event.type !== 'message' || !isPost(translation)) return undefined
  const { roomId, eventId } = event
  const now = clock.now()
  const key = `drafts ${roomId} ${eventId}`
  return [
    { change: 'put-draft', draft: { roomId, eventId, message: event, at: now } },
    {
      change: 'enqueue',
      job: {
        kind: 'upkeep',
        key,
        lane: `upkeep:drafts ${roomId}`,
        payload: JSON.stringify({ type: 'drafts', roomId }),
        runAt: now + joinMediaWithin,
      },
    },
  ]
}

type Later = MatrixEvent & { readonly type: 'edit' | 'redaction' }

const isLater = (event: MatrixEvent): event is Later =>
  event.type === 'edit' || event.type === 'redaction'

type Done = Extract<JobResult, { outcome: string }>

/** A message that waits and is taken back was never said. */
function changed(event: Later, draft: Draft): Done {
  if (event.sender !== draft.message.sender && event.type === 'edit')
    return { outcome: 'skipped: not-the-owner', changes: [] }
  if (event.type === 'redaction')
    return { outcome: 'done', changes: [{ change: 'remove-draft', eventId: draft.eventId }] }
  if (refusedContent(event) !== undefined) return { outcome: 'skipped: no-content', changes: [] }
  const { kind, text, media, poll } = event
  if ((poll === undefined) !== (draft.message.poll === undefined))
    return { outcome: 'skipped: unsupported', changes: [] }
  const asked = poll === undefined ? {} : { poll }
  const message = { ...draft.message, kind, text, media, ...asked }
  return { outcome: 'done', changes: [{ change: 'put-draft', draft: { ...draft, message } }] }
}

/** What an event does to a message that waits. Undefined: none does, or no longer. */
export async function changeDraft(
  event: MatrixEvent,
  order: EditOrder | undefined,
  deps: Deps,
): Promise<JobResult | undefined> {
  if (!isLater(event)) return undefined
  const find = () => deps.store.findDraft(event.roomId, event.target)
  if ((await find()) === undefined) return undefined
  const work = async (): Promise<JobResult | undefined> => {
    const draft = await find()
    if (draft === undefined) return undefined
    const { outcome, changes } = changed(event, draft)
    await deps.store.commit(outcome === 'done' ? [...changes, ...(order?.changes ?? [])] : changes)
    return { outcome, changes: [] }
  }
  return inRoom(event.roomId, work, deps)
}

/** Written in a room that was closed before its turn came: nowhere to say so is nearer than their own chat. */
function tellClosed({ eventId, sender, text }: Draft['message']): Change {
  const words = safeName(text.body, 60)
  const named = words === '' ? '' : ` (“${words}”)`
  return tellJob({
    key: `unsent ${eventId}`,
    userId: sender,
    text: `Not sent: the room was closed before your message${named} went out. Send it again in another room.`,
  })
}

async function publishGroup(
  group: readonly Draft[],
  attempt: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  const { message, parts } = joinMessages(group)
  const end = Math.min(...group.map(({ at }) => at)) + patience
  const isLate = deps.clock.now() >= end
  const means = isLate ? withoutWaiting(deps) : deps
  const publish = async (): Promise<readonly Change[]> => {
    const known = await resolveEvent(message, means)
    if (known.portal === undefined) return [tellClosed(message)]
    return perform(toActivityPub(message, { ...known, parts }).actions ?? [], attempt, deps)
  }
  return isLate ? publish() : waitingUntil(publish, async () => end)
}

const isDue = (group: readonly Draft[], { joinMediaWithin, clock }: Deps): boolean =>
  group.every(({ at }) => at + joinMediaWithin <= clock.now())

const forgetting = (group: readonly Draft[]): readonly Change[] =>
  group.map(({ eventId }) => ({ change: 'remove-draft', eventId }))

/** The posts of that room that have waited long enough go out, in order. Safe to run again. */
export async function publishDrafts(
  roomId: RoomId,
  attempt: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  await inRoom(
    roomId,
    async () => {
      const groups = groupDrafts(await deps.store.draftsIn(roomId), deps.joinMediaWithin)
      for (const group of groups) {
        if (!isDue(group, deps)) continue
        const changes = await publishGroup(group, attempt, deps)
        const events = group.map(({ eventId }) => eventId)
        const pins = await pinsOnceMore(roomId, events, deps)
        await deps.store.commit([...changes, ...forgetting(group), ...pins])
      }
    },
    deps,
  )
  return []
}

/** Posts that could not be published at all: `tell` says so to their author. */
export async function giveUpDrafts(
  roomId: RoomId,
  tell: (message: Draft['message']) => Promise<readonly Change[]>,
  deps: Deps,
): Promise<readonly Change[]> {
  const [group] = groupDrafts(await deps.store.draftsIn(roomId), deps.joinMediaWithin)
  if (group === undefined || !isDue(group, deps)) return []
  return [...(await tell(joinMessages(group).message)), ...forgetting(group)]
}
