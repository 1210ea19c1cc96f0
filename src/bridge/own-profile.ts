import type { Action, PublishAction } from '../model/action.ts'
import type { ActorId, UserId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { CommandPicture } from './picture.ts'
import type { Deps } from './ports.ts'
import type { Emoji } from '../model/content.ts'
import type { KnownEmojis } from '../translate/own-emojis.ts'
import type { MatrixEvent } from '../model/event.ts'
import { isDeepStrictEqual } from 'node:util'
import {
  emptyProfile,
  pictureOf,
  type LocalActor,
  type OwnProfile,
  type ProfileEdit,
  type ProfileField,
  type ProfileText,
} from '../model/actor.ts'
import { publicCollection } from '../model/audience.ts'
import { nameEmojis } from '../translate/own-emojis.ts'
import { matrixProfileOf, renderProfile } from './matrix-profile.ts'
import { newActivityId } from './new-ids.ts'
import { emojisIn } from './own-emojis.ts'
import { profileRoomName } from './portal-shape.ts'
import { expandPublish } from './publish.ts'
import { setIfChanged, showPicture } from './set-if-changed.ts'

/** Custom emoji that the words of a command about the profile may show. */
export const profileEmojis = (
  message: MatrixEvent & { readonly type: 'message' },
  deps: Deps,
): Promise<KnownEmojis> => emojisIn(message.text, message, deps)

/** Words and the custom emoji that they name. */
export type Named<Text> = { readonly text: Text; readonly emojis: readonly Emoji[] }

export const profileName = (source: string, emojis: KnownEmojis): Named<string> =>
  nameEmojis(source, emojis)

export function profileText(source: string, emojis: KnownEmojis, deps: Deps): Named<ProfileText> {
  const rendered = renderProfile({ body: source }, deps, emojis)
  return { text: { source, html: rendered.html }, emojis: rendered.emojis }
}

/** A value stands in a table: no paragraph, and a link that can be verified by its `rel`. */
export function fieldText(source: string, emojis: KnownEmojis, deps: Deps): Named<ProfileText> {
  const { text, ...rest } = profileText(source, emojis, deps)
  const html = text.html.replace(/^<p>(.*)<\/p>$/s, '$1').replace(/<a href=/g, '<a rel="me" href=')
  return { text: { source, html }, ...rest }
}

export type ProfileChange = Pick<ProfileEdit, 'field' | 'alias'> &
  Omit<ProfileEdit['set'], 'name' | 'bio' | 'avatar' | 'header' | 'movedTo'> & {
    readonly movedTo?: ActorId | undefined
    /** Undefined takes it away. */
    readonly name?: string | undefined
    readonly bio?: ProfileText | undefined
    readonly avatar?: CommandPicture | undefined
    readonly header?: CommandPicture | undefined
  }

const defined = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

/** Those that the profile still names. */
function emojisNamed(profile: OwnProfile, emojis: readonly Emoji[]): readonly Emoji[] {
  const { name = '', bio, fields } = profile
  const words = [name, bio?.html ?? '', ...fields.map(({ value }) => value.html)].join('\n')
  const named = new Map(emojis.map((emoji) => [emoji.shortcode, emoji]))
  return [...named.values()].filter(({ shortcode }) => words.includes(`:${shortcode}:`))
}

/** Keeps what the user set and tells their followers' servers: what else they change meanwhile stays. */
export function changeProfile(
  { id: actorId }: LocalActor,
  { field, alias, ...parts }: ProfileChange,
): readonly Action[] {
  const names = Object.keys(parts) as (keyof typeof parts)[]
  const edit: ProfileEdit = {
    set: defined(parts),
    unset: names.filter((name) => parts[name] === undefined),
    ...(field === undefined ? {} : { field }),
    ...(alias === undefined ? {} : { alias }),
  }
  return [{ do: 'edit-profile', actorId, edit }]
}

const isField = (one: ProfileField, { name }: { readonly name: string }): boolean =>
  one.name.toLowerCase() === name.toLowerCase()

function edited(before: OwnProfile, { set, unset, field, alias }: ProfileEdit): OwnProfile {
  const kept = Object.entries(before).filter(([name]) => !unset.some((gone) => gone === name))
  const next = { ...Object.fromEntries(kept), ...set } as OwnProfile
  const { value } = field ?? {}
  const fields = [
    ...before.fields.filter((one) => field === undefined || !isField(one, field)),
    ...(field === undefined || value === undefined ? [] : [{ name: field.name, value }]),
  ]
  const aliases = [
    ...(before.aliases ?? []).filter((id) => id !== alias?.actorId),
    ...(alias?.isOne === true ? [alias.actorId] : []),
  ]
  const profile = { ...next, fields, ...(aliases.length > 0 || alias ? { aliases } : {}) }
  const emojis = emojisNamed(profile, [...(before.emojis ?? []), ...(set.emojis ?? [])])
  return { ...profile, emojis }
}

/**
 * One change after another, each on what the others left, and committed together with its deliveries.
 * Made again after a crash, it changes nothing and tells nothing.
 */
export async function editProfile(actorId: ActorId, edit: ProfileEdit, deps: Deps): Promise<void> {
  const owner = await deps.store.findLocalActor(actorId)
  if (owner === undefined) return
  await deps.locks(`profile ${owner.userId}`, async () => {
    const actor = await deps.store.findLocalActor(actorId)
    if (actor === undefined || actor.deletedAt !== undefined) return
    const profile = edited(actor.profile ?? emptyProfile, edit)
    if (isDeepStrictEqual(profile, actor.profile)) return
    const changed: LocalActor = { ...actor, profile }
    await deps.store.commit([
      ...(await shownAs(changed, deps)),
      roomJob(changed, deps),
      ...(profile.movedTo === undefined ? [] : await withoutConsent(changed, deps)),
    ])
  })
}

/** Who comes back later agrees anew to appear in the groups of their rooms. */
const withoutConsent = async ({ userId }: LocalActor, deps: Deps): Promise<readonly Change[]> =>
  (await deps.store.consentsOf(userId)).map((roomId) => ({
    change: 'remove-consent',
    roomId,
    userId,
  }))

/** The room of their posts has their name and picture. */
const roomJob = ({ id }: LocalActor, deps: Deps): Change => ({
  change: 'enqueue',
  job: {
    kind: 'upkeep',
    key: `own-room ${id} ${deps.random.id()}`,
    lane: `upkeep:own-room ${id}`,
    payload: JSON.stringify({ type: 'own-room', actorId: id }),
  },
})

/** Name and picture of the room where a user publishes. Idempotent. */
export async function refreshOwnRoom(actorId: ActorId, deps: Deps): Promise<readonly Change[]> {
  const actor = await deps.store.findLocalActor(actorId)
  if (actor === undefined || actor.deletedAt !== undefined) return []
  const { userId } = actor
  const portal = await deps.store.findPortal({ kind: 'profile', userId, actorId })
  if (portal === undefined) return []
  const { roomId } = portal
  await setIfChanged(roomId, 'm.room.name', { content: { name: profileRoomName(actor) }, deps })
  await showPicture(roomId, pictureOf(actor), deps)
  return []
}

/** Tells the followers' servers what the account says of itself now. */
export function updateOf(
  actor: LocalActor,
  deps: Deps,
): PublishAction & { readonly activity: { readonly type: 'update-actor' } } {
  const audience = { to: [publicCollection], cc: [`${actor.id}/followers`] }
  return {
    do: 'publish',
    activity: {
      type: 'update-actor',
      id: newActivityId(deps),
      actor: actor.id,
      subject: actor,
      at: deps.clock.now(),
      ...audience,
    },
    recipients: [],
    toFollowers: true,
    inboxes: [],
    order: actor.id,
  }
}

/** What an actor says of itself now, here and at its followers' servers. One that was deleted meanwhile stays so. */
export const shownAs = async (actor: LocalActor, deps: Deps): Promise<readonly Change[]> => [
  { change: 'expect-actor', id: actor.id },
  { change: 'put-local-actor', actor },
  ...(await expandPublish(updateOf(actor, deps), deps)),
]

/**
 * Brings what the profile on Matrix says to the fediverse. One at a time looks, and what it found is
 * committed together with the deliveries. `isSeen`: that it has a name or a picture is known.
 */
export async function followProfile(userId: UserId, isSeen: boolean, deps: Deps): Promise<void> {
  await deps.locks(`profile ${userId}`, async () => {
    const found = await matrixProfileOf(userId, deps)
    const actor = await deps.store.findLocalActorByUser(userId)
    if (actor === undefined || actor.deletedAt !== undefined) return
    const { displayName, avatar, onMatrix, ...kept } = actor
    // A profile that is not shown to us looks empty; only the user's own change may empty it.
    const isHidden = Object.keys(found).length === 0
    if (isHidden && isSeen) return
    if (isDeepStrictEqual(found, defined({ displayName, avatar, onMatrix }))) return
    const changed: LocalActor = { ...kept, ...found }
    await deps.store.commit([...(await shownAs(changed, deps)), roomJob(changed, deps)])
  })
}

/**
 * A member event that changes name or picture: the global profile decides, a nick of one room does
 * not go out. Every room of the user tells of it at the same moment.
 */
export async function profileUpdate(
  event: MatrixEvent & { type: 'member' },
  deps: Deps,
): Promise<void> {
  if (event.membership !== 'join' || event.previous !== 'join') return
  if ((await deps.store.findLocalActorByUser(event.user)) === undefined) return
  const isSeen = event.displayName !== undefined || event.avatar !== undefined
  await followProfile(event.user, isSeen, deps)
}
