import type { Account, Delivery, Document } from '../../fakes/fediverse.ts'
import type { Flow } from '../../flows/setup.ts'

/**
 * What came to the account, each activity once, in the order of arrival. Only a delivery whose
 * answer the death cut off may come again, under the same id.
 */
export function heard(flow: Flow, account: Account): readonly Document[] {
  const { sharedInbox } = flow.fediverse.server(account.host)
  const isTheirs = ({ inbox }: Delivery) => inbox === account.inbox || inbox === sharedInbox
  const all = flow.fediverse.deliveries.filter(isTheirs).map(({ activity }) => activity)
  const once = [...new Map(all.map((activity) => [activity['id'], activity])).values()]
  const repeated = all.length - once.length
  if (repeated > flow.crashes()) throw new Error(`${repeated} deliveries came again`)
  return once
}

export const typesOf = (activities: readonly Document[]): readonly unknown[] =>
  activities.map(({ type }) => type)

/** The text of the note that an activity carries. */
export const textOf = ({ object }: Document): unknown =>
  typeof object === 'object' && object !== null && 'content' in object ? object.content : undefined
