import type { Action } from '../model/action.ts'
import type { Deps } from './ports.ts'
import type { LocalActor } from '../model/actor.ts'
import type { UserId } from '../model/ids.ts'
import { RejectedError } from '../model/errors.ts'
import { localUsername, splitMatrixId } from '../model/names.ts'
import { matrixProfileOf } from './matrix-profile.ts'
import { newActorId } from './new-ids.ts'

export const notEnabled = "This server's admin has not enabled Footbridge for you."

/** While rows of theirs are still there, nobody can begin anew. */
export const forgettingMark = (userId: UserId): string => `forgetting ${userId}`

const stillForgetting =
  'You asked to be forgotten, and that is still under way here. Try it again in a few minutes.'

const maxAttempts = 50

/** The account that signs for the whole server is named so, and so is the bot. */
const ownNames = ['footbridge']

/**
 * Names that mean this server itself. Handles with its host or its domain left of the `@` lead to the
 * server's own account by WebFinger, so nobody else could be found by them, or would pass for it.
 */
function isReserved(username: string, { identity }: Deps): boolean {
  const { bot, serverName, publicUrl, handleDomain } = identity
  const hosts = [new URL(publicUrl).host, handleDomain]
  const withoutPorts = hosts.map((host) => host.replace(/:\d+$/, ''))
  return [...ownNames, ...withoutPorts, localUsername(bot, serverName)].includes(username)
}

export const isFreeUsername = async (username: string, deps: Deps): Promise<boolean> =>
  !isReserved(username, deps) && (await deps.store.findLocalActorByUsername(username)) === undefined

/** The first that nobody has, or ever had, of those that `nameAt` makes with each attempt. */
export async function firstFree(
  nameAt: (attempt: number) => string,
  isFree: (username: string) => Promise<boolean>,
): Promise<string | undefined> {
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const username = nameAt(attempt)
    if (await isFree(username)) return username
  }
  return undefined
}

async function freeUsername(userId: UserId, deps: Deps): Promise<string> {
  const nameAt = (attempt: number): string =>
    localUsername(userId, deps.identity.serverName, attempt)
  const username = await firstFree(nameAt, (name) => isFreeUsername(name, deps))
  if (username === undefined) throw new RejectedError(`no free name for ${userId}`)
  return username
}

export const handleOf = (actor: { readonly username: string }, deps: Deps): string =>
  `@${actor.username}@${deps.identity.handleDomain}`

/** The handle that user has, or would get by registering now. */
export async function handleFor(userId: UserId, deps: Deps): Promise<string> {
  const actor = await deps.store.findLocalActorByUser(userId)
  return handleOf(actor ?? { username: await freeUsername(userId, deps) }, deps)
}

/** Whether they may use us at all. */
export const isPermitted = (userId: UserId, deps: Deps): boolean =>
  splitMatrixId(userId, '@') !== undefined && deps.permissionOf(userId) !== 'none'

/** Whether what they write and do may leave for the fediverse. */
export const mayPublish = (userId: UserId, deps: Deps): boolean =>
  isPermitted(userId, deps) && deps.permissionOf(userId) !== 'follow'

/**
 * Makes the user an actor: only ever called for a first act of their own. Its key is made when it
 * first signs. Idempotent; RejectedError (with `tell`) when the admin does not permit it.
 */
export async function ensureLocalActor(
  userId: UserId,
  deps: Deps,
): Promise<{ actor: LocalActor; isNew: boolean }> {
  const known = await deps.store.findLocalActorByUser(userId)
  if (known !== undefined) return { actor: known, isNew: false }
  if (!isPermitted(userId, deps)) {
    throw new RejectedError(`${userId} is not permitted`, {
      tell: notEnabled,
      code: 'not-permitted',
    })
  }
  if ((await deps.store.findMark(forgettingMark(userId))) !== undefined)
    throw new RejectedError(`${userId} is being forgotten`, {
      tell: stillForgetting,
      code: 'not-permitted',
    })
  return deps.locks('register', async () => {
    const again = await deps.store.findLocalActorByUser(userId)
    if (again !== undefined) return { actor: again, isNew: false }
    const actor: LocalActor = {
      ...(await matrixProfileOf(userId, deps)),
      id: newActorId(deps),
      userId,
      username: await freeUsername(userId, deps),
      createdAt: deps.clock.now(),
    }
    await deps.store.commit([{ change: 'put-local-actor', actor }])
    return { actor, isNew: true }
  })
}

/** What somebody reads who publishes nothing here any more. */
export const movedAway =
  'Your account has moved, and publishes nothing here since. `move-to cancel` brings it back.'

/** Notices that say so have this key, wherever they are told. */
export const becameKey = (actor: LocalActor): string => `became ${actor.id}`

/**
 * `ensureLocalActor` for a command: `line` says who the user is now, until they have been told;
 * `actions` remember that, to be performed together with the telling. A crash between making the
 * actor and answering loses no word.
 */
export async function becomeActor(
  userId: UserId,
  deps: Deps,
): Promise<{ actor: LocalActor; line: readonly string[]; actions: readonly Action[] }> {
  const { actor } = await ensureLocalActor(userId, deps)
  const key = `told ${becameKey(actor)}`
  if ((await deps.store.findMark(key)) !== undefined) return { actor, line: [], actions: [] }
  return {
    actor,
    line: [`On the fediverse you are now ${handleOf(actor, deps)}.`],
    actions: [
      { do: 'commit', changes: [{ change: 'mark', key, value: '', at: deps.clock.now() }] },
    ],
  }
}
