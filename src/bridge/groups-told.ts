import type { ActivityId, ActorId, ObjectId } from '../model/ids.ts'
import type { Audience } from '../model/audience.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { GroupForm } from '../model/server.ts'
import type { OutgoingActivity } from '../model/outgoing.ts'
import type { PublishAction } from '../model/action.ts'
import type { Reaction } from '../model/relation.ts'
import { asActivityId } from '../model/ids.ts'
import { publicCollection } from '../model/audience.ts'
import { groupOf, innerOf, objectOf } from '../model/outgoing.ts'
import { groupFormFor } from '../model/server.ts'
import { boost } from '../model/relation.ts'

/** A post, and the group of ours that has it. */
export type InGroup = {
  readonly group: ActorId
  readonly object: ObjectId
  readonly author: ActorId
}

/** Everything that is to be told, and what is kept of that. */
export type Telling = {
  readonly publish: readonly PublishAction[]
  readonly changes: readonly Change[]
}

const feeling = { type: 'Announce', key: boost } as const

export const nothing: Telling = { publish: [], changes: [] }

export const audienceOf = (actor: ActorId): Audience => ({
  to: [publicCollection],
  cc: [`${actor}/followers`],
})

/** What tells of the same thing again has the same id: others drop what they have seen. */
const idFor = (what: string, { identity, idOf, random }: Deps): ActivityId =>
  asActivityId(`${identity.publicUrl}/activities/${idOf?.(what) ?? random.id()}`)

/** Under that id the group passes on an activity. */
export const passedOn = (group: ActorId, activity: ActivityId, deps: Deps): ActivityId =>
  idFor(`pass on ${group} ${activity}`, deps)

type Told = {
  readonly activity: OutgoingActivity
  readonly inboxes?: readonly string[]
  readonly isEnd?: boolean
}

function toFollowers(
  { object, author }: InGroup,
  form: GroupForm,
  { activity, inboxes = [], isEnd }: Told,
): PublishAction {
  return {
    do: 'publish',
    activity,
    recipients: [],
    toFollowers: true,
    inboxes,
    order: object,
    telling: { object, author, form, ...(isEnd === true ? { isEnd } : {}) },
  }
}

/** Whether what is for that inbox comes to it in that form. Undefined: in any. */
export async function fits(
  inbox: string,
  form: GroupForm | undefined,
  { store }: Deps,
): Promise<boolean> {
  if (form === undefined) return true
  return groupFormFor((await store.findServer(new URL(inbox).host))?.software) === form
}

/** What is passed on: how it leaves the post, where it is about the post itself and not the first of it. */
type Passed = { readonly id: ActivityId; readonly leaves?: 'changed' | 'gone' }

/** Who got the post whole, whether they follow still or not. */
async function whoGot({ object }: InGroup, deps: Deps): Promise<readonly string[]> {
  const inboxes: string[] = []
  for (const inbox of await deps.store.recipientsOf(object))
    if (await fits(inbox, 'whole', deps)) inboxes.push(inbox)
  return inboxes
}

/**
 * Whose servers read activities of a group get the whole one that is named; of a post's later versions and
 * its end, all that got it. Undefined: there are none.
 */
export async function tellWhole(
  of: InGroup,
  { id: activity, leaves }: Passed,
  deps: Deps,
): Promise<PublishAction | undefined> {
  const { group } = of
  const inboxes = leaves === undefined ? [] : await whoGot(of, deps)
  if (inboxes.length === 0 && (await deps.store.wholeReadersOf(group)).length === 0)
    return undefined
  const id = passedOn(group, activity, deps)
  const passed = {
    type: 'pass-on',
    id,
    actor: group,
    object: activity,
    ...audienceOf(group),
  } as const
  return toFollowers(of, 'whole', { activity: passed, inboxes, isEnd: leaves === 'gone' })
}

/** A new post: all others get a boost of it. */
export function tellNew(of: InGroup, deps: Deps): Telling {
  const { group: actor, object } = of
  const id = idFor(`announce ${actor} ${object}`, deps)
  const at = deps.clock.now()
  const activity = { type: 'react', id, actor, object, feeling, at, ...audienceOf(actor) } as const
  const reaction: Reaction = { ...feeling, activityId: id, actor, object }
  return {
    publish: [toFollowers(of, 'note', { activity })],
    changes: [{ change: 'put-reaction', reaction }],
  }
}

/** The boost is taken back, wherever it went. */
export async function takeBack(of: InGroup, announced: Reaction, deps: Deps): Promise<Telling> {
  const { group: actor, object } = of
  const { activityId } = announced
  const inner = innerOf(announced)
  const id = idFor(`take back ${activityId}`, deps)
  const activity = { type: 'undo', id, actor, inner, ...audienceOf(actor) } as const
  const inboxes = await deps.store.recipientsOf(object)
  return {
    publish: [toFollowers(of, 'note', { activity, inboxes })],
    changes: [{ change: 'remove-reaction', activityId }],
  }
}

/** A post is out of the group although its author keeps it: the group says so in both forms. */
export async function putOut(of: InGroup, announced: Reaction, deps: Deps): Promise<Telling> {
  const { group, object } = of
  const { publish, changes } = await takeBack(of, announced, deps)
  const id = idFor(`put out ${announced.activityId}`, deps)
  const at = deps.clock.now()
  const end = { type: 'delete', id, actor: group, object, at, group, ...audienceOf(group) } as const
  const said: PublishAction = {
    do: 'publish',
    activity: end,
    recipients: [],
    toFollowers: false,
    inboxes: [],
    order: object,
  }
  // What is published in a group is passed on by it (`toldByGroup`).
  return { publish: [said, ...publish], changes }
}

/** A moderator has taken the post, or one of its messages, out of that group: it tells of it no more. */
export const takenOutMark = (group: ActorId, object: ObjectId): string =>
  `taken out ${group} ${object}`

/** The boost by which that group has told of a post. */
export const announceBy = async (
  group: ActorId,
  object: ObjectId,
  { store }: Deps,
): Promise<Reaction | undefined> =>
  (await store.reactionsBy(group, object)).find(({ type }) => type === 'Announce')

/**
 * What one of ours does in a group, as that one tells it its followers. Whoever got a boost of a post
 * gets its new versions and its end from its author; who reads activities, from the group alone.
 */
export async function toldByGroup(activity: OutgoingActivity, deps: Deps): Promise<Telling> {
  const group = groupOf(activity)
  const object = objectOf(activity)
  if (group === undefined || object === undefined) return nothing
  const actor = await deps.store.findLocalActor(group)
  if (actor === undefined || actor.deletedAt !== undefined) return nothing
  const of: InGroup = { group, object, author: activity.actor }
  if (activity.type === 'create') {
    const whole = await tellWhole(of, activity, deps)
    const { publish, changes } = tellNew(of, deps)
    return { publish: whole === undefined ? publish : [...publish, whole], changes }
  }
  const announced = await announceBy(group, object, deps)
  // A moderator has taken it out of the group, or it never was in it.
  if (announced === undefined) return nothing
  const isEnd = activity.type === 'delete'
  const { id } = activity
  const whole = await tellWhole(of, { id, leaves: isEnd ? 'gone' : 'changed' }, deps)
  const { activityId } = announced
  return {
    publish: whole === undefined ? [] : [whole],
    changes: isEnd ? [{ change: 'remove-reaction', activityId }] : [],
  }
}
