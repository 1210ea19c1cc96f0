import type { Action } from '../model/action.ts'
import type { Deps } from './ports.ts'
import type { MatrixEvent } from '../model/event.ts'
import type { RoomAlias, RoomId } from '../model/ids.ts'
import { RejectedError } from '../model/errors.ts'
import { readListJob } from './policy-jobs.ts'

/** The room, or why the bot cannot be in it, in words; `isClosed`: until somebody invites it. */
export type Entered =
  { readonly roomId: RoomId } | { readonly why: string; readonly isClosed: boolean }

function whyNot({ code, status }: RejectedError): Entered {
  if (code === 'M_FORBIDDEN')
    return { why: 'it lets me in only by an invite, or has banned me', isClosed: true }
  if (status === 404)
    return { why: 'no room is known by that name, at the servers that were asked', isClosed: false }
  return { why: `this server refuses it (${code ?? ''})`, isClosed: false }
}

/** The bot enters the room of a list; `via`: servers to ask for it. Throws TransientError while one is away. */
export async function enterList(
  room: RoomId | RoomAlias,
  via: readonly string[],
  { homeserver, identity }: Deps,
): Promise<Entered> {
  try {
    return { roomId: await homeserver.enter(identity.bot, room, via) }
  } catch (error) {
    if (error instanceof RejectedError) return whyNot(error)
    throw error
  }
}

/** The bot follows an invite into the room of a list, whoever invites it: an admin wants to read it. */
export async function letIntoList(
  { roomId, eventId }: Pick<MatrixEvent, 'roomId' | 'eventId'>,
  deps: Deps,
): Promise<readonly Action[] | undefined> {
  const list = await deps.store.findPolicyList(roomId)
  if (list === undefined) return undefined
  await deps.homeserver.enter(deps.identity.bot, roomId, [])
  const changes = [readListJob(list.roomId, `invited ${eventId}`, deps.clock.now())]
  return [{ do: 'commit', changes }]
}
