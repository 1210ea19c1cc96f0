import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { MatrixEvent } from '../model/event.ts'

type Edit = MatrixEvent & { readonly type: 'edit' }

export type EditOrder = {
  /** A newer edit of the same message was done already. */
  readonly isOld: boolean
  /** To be committed with what the edit changes, if it changes anything. */
  readonly changes: readonly Change[]
}

/**
 * An edit may wait for its message while a newer one does not. Of two, the later `origin_server_ts`
 * counts, and of the same the greater event id: so do clients (client-server API, "Event
 * replacements"). Our own clock and the order of arrival decide nothing.
 */
export async function orderOfEdit(
  { roomId, target, ts, eventId }: Edit,
  { store, clock }: Deps,
): Promise<EditOrder> {
  const key = `edited ${roomId} ${target}`
  const before = await store.findMark(key)
  const value = `${ts} ${eventId}`
  return {
    isOld: before !== undefined && isNewer(before, value),
    changes: [
      // Another edit of it may be done at this moment.
      { change: 'expect-mark', key, ...(before === undefined ? {} : { value: before }) },
      { change: 'mark', key, value, at: clock.now() },
    ],
  }
}

function isNewer(one: string, other: string): boolean {
  const [ts = '', id = ''] = one.split(' ')
  const [otherTs = '', otherId = ''] = other.split(' ')
  return Number(ts) === Number(otherTs) ? id > otherId : Number(ts) > Number(otherTs)
}
