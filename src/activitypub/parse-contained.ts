import type { Activity } from '../model/activity.ts'
import { asActivityId } from '../model/ids.ts'
import type { ActivityId, ActorId } from '../model/ids.ts'
import { idOf, isJson, isSameHost, listOf, typesOf } from './parse-values.ts'
import type { Json } from './parse-values.ts'

type Head = { readonly id: ActivityId; readonly actor: ActorId }

/** What people do in a conversation (FEP-171b, "Containers"), and taking it back. */
const deeds: ReadonlySet<string> = new Set([
  ...['Create', 'Update', 'Delete', 'Like', 'Dislike', 'EmojiReact', 'Announce', 'Undo'],
])

const isDeed = (value: Json): boolean =>
  value['object'] !== undefined && typesOf(value).some((type) => deeds.has(type))

/** Says itself that it is a conversation of the sender's: a collection of posts is named by its id alone. */
const isContainer = (target: unknown, { actor }: Head): boolean =>
  isJson(target) &&
  typesOf(target).includes('OrderedCollection') &&
  idOf(target['attributedTo']) === actor

/**
 * What whoever began a conversation tells that somebody did in it: an `Add` of an activity to a collection
 * on the sender's host. Undefined for every other `Add`.
 */
export function readContained(document: Json, head: Head): Activity | undefined {
  const [value] = listOf(document['object'])
  const [contained, container] = [idOf(value), idOf(document['target'])]
  if (contained === undefined || container === undefined) return undefined
  if (!isSameHost(container, head.actor)) return undefined
  const found = { ...head, type: 'contained', contained: asActivityId(contained) } as const
  if (isJson(value)) return isDeed(value) ? { ...found, document: value } : undefined
  return isContainer(document['target'], head) ? found : undefined
}
