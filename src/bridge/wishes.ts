import type { ActorId, UserId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Note } from '../model/note.ts'
import type { RemoteActor } from '../model/actor.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { refusalIn, whyLeftAlone, type OptOut } from '../model/wishes.ts'
import { isWithin } from '../model/host.ts'
import { isMatrixBridge } from '../model/server.ts'
import { displayHandle } from '../model/names.ts'
import type { Deps } from './ports.ts'

type Known = {
  readonly store: Pick<
    Deps['store'],
    'findMark' | 'findRemoteActor' | 'findAccountRule' | 'findServer'
  >
  readonly matrixBridges?: Deps['matrixBridges']
}

/** Somebody blocked our own account, or wrote `stop` to it; the value says by what. */
export const stoppedMark = (actorId: ActorId): string => `stopped ${actorId}`

/** An admin here has suspended the account; the value says who. */
export const barredMark = (actorId: ActorId): string => `barred ${actorId}`

/** What suspending it changes; what stands of it goes. */
export function suspendAccount(
  actorId: ActorId,
  by: UserId,
  { clock }: Pick<Deps, 'clock'>,
): readonly Change[] {
  const at = clock.now()
  const mark = { change: 'mark', key: barredMark(actorId), value: by, at } as const
  return [mark, leaveAloneJob(actorId, `barred ${String(at)}`)]
}

/** Why nothing of that account is bridged, by an admin's word, by its own word to us or by its profile. Undefined: it may be. */
export async function optOutOf(actorId: ActorId, deps: Known): Promise<OptOut | undefined> {
  const { store } = deps
  if ((await store.findMark(barredMark(actorId))) !== undefined) return 'barred'
  if ((await store.findAccountRule(actorId)) !== undefined) return 'barred'
  if ((await store.findMark(stoppedMark(actorId))) !== undefined) return 'asked'
  const refusal = refusalIn((await store.findRemoteActor(actorId))?.details?.wishes)
  if (refusal !== undefined) return refusal
  return (await isOnMatrixBridge(actorId, deps)) ? 'of-matrix' : undefined
}

/** Whether all accounts of that host stand for people on Matrix: by its software, or by the admin's word. */
async function isOnMatrixBridge(
  actorId: ActorId,
  { store, matrixBridges = [] }: Known,
): Promise<boolean> {
  const { host, hostname } = new URL(actorId)
  if (matrixBridges.some((one) => isWithin(hostname, one))) return true
  return isMatrixBridge((await store.findServer(host))?.software)
}

/** What a command answers that is about an account which is left alone. */
export async function leftAloneLine(actor: RemoteActor, deps: Known): Promise<string | undefined> {
  const why = await optOutOf(actor.id, deps)
  if (why === undefined) return undefined
  const named = { handle: displayHandle(actor), isGroup: actor.kind === 'Group' }
  const line = `${whyLeftAlone(named, why)}: nothing goes there or comes from there.`
  return why === 'of-matrix' ? `${line}${whereOnMatrix(actor)}` : line
}

function whereOnMatrix({ kind, details }: RemoteActor): string {
  const { matrixUser, matrixRoom } = details?.wishes ?? {}
  if (kind === 'Group')
    return matrixRoom === undefined
      ? ' Whoever is in it can invite you there.'
      : ` It says that it is ${matrixRoom} there, which you can join on Matrix.`
  return matrixUser === undefined
    ? ''
    : ` It says that it is ${matrixUser} there, to whom you can write on Matrix.`
}

/** Redacts what is here of an account that is left alone, ends its follows, and leaves. `occasion` is what gave rise to it. */
export function leaveAloneJob(actorId: ActorId, occasion: string): Change {
  const job = {
    kind: 'upkeep',
    key: `leave alone ${actorId} ${occasion}`,
    lane: `upkeep:retire ${actorId}`,
    payload: JSON.stringify({ type: 'leave-alone', actorId }),
  } as const
  return { change: 'enqueue', job }
}

const leftAlone = (id: string): RejectedError =>
  new RejectedError(`${id} is of an account that is not to be bridged`, { code: 'opted-out' })

type Reader = Deps['fediverse']

/**
 * No post is read of whom we are to leave alone, whoever boosts, quotes or answers it. Who wrote one
 * and is not known yet is looked at first: at first sight counts.
 */
export function heedingWishes<Of extends Pick<Reader, 'fetchNote' | 'openNote' | 'fetchActor'>>(
  fediverse: Of,
  {
    store,
    matrixBridges,
  }: {
    readonly store: Known['store'] & Pick<Deps['store'], 'commit'>
    readonly matrixBridges: () => Known['matrixBridges']
  },
): Of {
  const meet = async (id: ActorId): Promise<void> => {
    try {
      const actor = await fediverse.fetchActor(id)
      await store.commit([{ change: 'put-remote-actor', actor }])
    } catch (error) {
      // Then nobody is shown by that name anyway, or it is tried once more where it is needed.
      if (!(error instanceof RejectedError) && !(error instanceof TransientError)) throw error
    }
  }
  const heed = async (note: Note): Promise<Note> => {
    const { author } = note
    if ((await store.findRemoteActor(author)) === undefined) await meet(author)
    const isAlone =
      note.isOfMatrix === true ||
      (await optOutOf(author, { store, matrixBridges: matrixBridges() })) !== undefined
    if (isAlone) throw leftAlone(note.id)
    return note
  }
  return {
    ...fediverse,
    fetchNote: async (id, how) => heed(await fediverse.fetchNote(id, how)),
    openNote: async (url, as) => heed(await fediverse.openNote(url, as)),
  }
}
