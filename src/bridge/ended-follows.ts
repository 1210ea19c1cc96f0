import type { ActorId, UserId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { Handle } from '../model/handle.ts'
import type { RemoteActor } from '../model/actor.ts'
import type { MatrixEvent } from '../model/event.ts'
import { formatHandle } from '../model/handle.ts'
import { parseGhostLocalpart, parseTarget, parseUserId, splitMatrixId } from '../model/names.ts'

/**
 * What somebody ended is over for whatever they asked for before: a `follow` may wait for a server
 * that is away, and rooms are heard in any order. `account`: its id, or a name as `nameIn` gives it.
 */
const endedMark = (userId: UserId, account: string): string => `ended ${userId} ${account}`

/** Whom they asked to follow last. */
const askedMark = (userId: UserId, account: ActorId): string => `asked ${userId} ${account}`

/** The event in which somebody says what they want. */
type Wish = Pick<MatrixEvent, 'ts'>
type Said = { readonly wish: Wish; readonly deps: Pick<Deps, 'clock'> }

function said(key: string, { wish, deps }: Said): Change {
  const at = deps.clock.now()
  // A clock that is ahead ends nothing that is asked for later.
  return { change: 'mark', key, value: String(Math.min(wish.ts, at)), at }
}

/** They follow that account no more as of this event. */
export const ended = (userId: UserId, account: string, event: Said): Change =>
  said(endedMark(userId, account), event)

/** They ask to follow that account, be it again, by this event. */
export const asked = (userId: UserId, account: ActorId, event: Said): Change =>
  said(askedMark(userId, account), event)

/** Whether what they asked for last was ended by a later event that was heard before it. */
export async function isEndedForGood(
  userId: UserId,
  account: ActorId,
  deps: Pick<Deps, 'store'>,
): Promise<boolean> {
  const at = await deps.store.findMark(askedMark(userId, account))
  return at !== undefined && isEndedSince(userId, [account], { wish: { ts: Number(at) }, deps })
}

/** Whether they asked to follow it after all, once they had ended it. */
export async function hasAskedSince(
  userId: UserId,
  account: ActorId,
  deps: Pick<Deps, 'store'>,
): Promise<boolean> {
  const at = await deps.store.findMark(askedMark(userId, account))
  return at !== undefined && !(await isEndedForGood(userId, account, deps))
}

/** Whether they ended the follow of an account of one of these names later than that event. */
export async function isEndedSince(
  userId: UserId,
  accounts: readonly string[],
  { wish, deps }: { readonly wish: Wish; readonly deps: Pick<Deps, 'store'> },
): Promise<boolean> {
  for (const account of new Set(accounts)) {
    const at = await deps.store.findMark(endedMark(userId, account))
    if (at !== undefined && Number(at) > wish.ts) return true
  }
  return false
}

const nameOf = (handle: Handle): string => formatHandle(handle).toLowerCase()

/** By what an account may be named. */
export const namesOf = (actor: RemoteActor): readonly string[] => [
  actor.id,
  ...(actor.url === undefined ? [] : [actor.url]),
  nameOf(actor),
]

/** The account that somebody typed, whoever writes it how; nobody is asked. Undefined: no account. */
export function nameIn(text: string, { identity }: Pick<Deps, 'identity'>): string | undefined {
  const userId = parseUserId(text)
  const localpart = userId && splitMatrixId(userId, '@')?.localpart
  const handle =
    localpart === undefined ? undefined : parseGhostLocalpart(identity.prefix, localpart)
  const target = handle ?? parseTarget(text)
  if (target === undefined) return undefined
  return 'url' in target ? target.url : nameOf(target)
}
