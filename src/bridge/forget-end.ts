import type { ActivityId, ActorId, UserId } from '../model/ids.ts'
import type { Attempt } from './attempt.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import { unlessShut } from './closed-rooms.ts'
import { perform } from './perform.ts'

type Leaving = {
  readonly actorId: ActorId
  readonly userId: UserId
  readonly activityId: ActivityId
  readonly since: number
}

/** Nobody is waited for longer, milliseconds. */
const patience = 7 * 86_400_000
const atOnce = 500
/** Servers that are named; of the others, how many there are. */
const mostNamed = 20

/** Soon at first; later an hour is soon enough. */
const nextLook = (since: number, now: number): number =>
  now + Math.min(3_600_000, Math.max(10_000, Math.ceil((now - since) / 4)))

/** How many servers there are, and which of them did not take it; or when to look again. */
export async function endOfForgetting(
  { actorId, since }: Leaving,
  deps: Deps,
): Promise<
  { readonly until: number } | { readonly servers: number; readonly missed: readonly string[] }
> {
  const now = deps.clock.now()
  const isOver = now >= since + patience
  const [reached, missed] = [new Set<string>(), new Set<string>()]
  for (let after: string | undefined = ''; after !== undefined;) {
    const page = await deps.store.toldPage(actorId, after, atOnce)
    for (const { inbox, state } of page) {
      if (state === 'known' && !isOver)
        return { until: Math.min(nextLook(since, now), since + patience) }
      const hosts = state === 'reached' ? reached : missed
      hosts.add(new URL(inbox).host)
    }
    after = page.length < atOnce ? undefined : page.at(-1)?.inbox
  }
  // One inbox of a server is enough for it.
  for (const host of reached) missed.delete(host)
  return { servers: reached.size + missed.size, missed: [...missed].sort() }
}

const counted = (count: number): string => (count === 1 ? '1 server' : `${count} servers`)

function receiptText(servers: number, missed: readonly string[]): string {
  const heard = servers - missed.length
  const named = missed.slice(0, mostNamed).join(', ')
  const more = missed.length > mostNamed ? ` and ${missed.length - mostNamed} more` : ''
  return [
    servers === 0
      ? 'You are forgotten. No other server had anything of yours.'
      : `You are forgotten. ${counted(heard)} took it that your account is deleted.`,
    ...(missed.length === 0
      ? []
      : [`These did not answer, and may still show what they had: ${named}${more}.`]),
    'Here nothing of yours is kept but your old address, so that nobody else can have it.',
  ].join('\n')
}

const goodbye = 'I leave this chat now. Invite me into a new one if you want to begin again.'

/** Of servers that did not take it, nobody is to try once more. */
async function forgetFailed(
  person: Pick<Leaving, 'actorId' | 'userId'>,
  { store }: Deps,
): Promise<void> {
  for (let after: number | undefined = 0; after !== undefined;)
    after = await store.wipeFailed(person, { after, limit: atOnce })
}

/** Tells it in their chat with the bot, which is left with it unless they have begun anew. Idempotent. */
export async function giveReceipt(
  {
    actorId,
    userId,
    servers,
    missed,
  }: Leaving & { readonly servers: number; readonly missed: readonly string[] },
  attempt: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  deps.keys.forget(actorId)
  await forgetFailed({ actorId, userId }, deps)
  const { store, identity, homeserver } = deps
  const chat = await store.findPortal({ kind: 'management', userId })
  if (chat === undefined) return []
  const { roomId } = chat
  const isBack = (await store.findLocalActorByUser(userId)) !== undefined
  const text = [receiptText(servers, missed), ...(isBack ? [] : [goodbye])].join('\n')
  if ((await store.findMembership(roomId, userId)) === 'join') {
    const place = { kind: 'room', roomId } as const
    const told = { do: 'tell', place, text, key: `forgotten ${actorId}` } as const
    await store.commit(await perform([told], attempt, deps))
  }
  if (isBack) return []
  await unlessShut(async () => {
    await homeserver.leave(identity.bot, roomId)
    return []
  })
  while ((await store.wipeRoom(roomId, atOnce)) === atOnce);
  await store.wipeMemberships(userId, undefined)
  return []
}
