import { asActivityId, type ActivityId, type ObjectId } from './ids.ts'

/** What the bot tells somebody of an activity, who answers it by a reaction. */
type Told = 'report' | 'request' | 'published'

/**
 * By what the event of such a notice is known. Who makes an activity chooses its id, and may choose that
 * of a post of theirs: nothing else is ever called like this.
 */
export const noticeId = (of: Told, id: ActivityId): ActivityId => asActivityId(`${of}:${id}`)

/** The activity of which the event by that name tells; undefined: it is no such notice. */
export const toldIn = (of: Told, id: ObjectId | ActivityId): ActivityId | undefined =>
  id.startsWith(`${of}:`) ? asActivityId(id.slice(of.length + 1)) : undefined
