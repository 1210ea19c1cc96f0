import type { Answer, CommandResult } from './command.ts'
import type { Deps } from '../bridge/ports.ts'
import type { LocalActor, OwnGroup, RemoteActor } from '../model/actor.ts'
import type { ActorId, UserId } from '../model/ids.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { barredLine, suspensionOf } from '../bridge/domain-blocks.ts'
import { blockBetween } from '../bridge/blocks.ts'
import { keepNewest } from '../bridge/ghosts.ts'
import { serverOf } from '../bridge/servers.ts'
import { leftAloneLine } from '../bridge/wishes.ts'
import { asActorId } from '../model/ids.ts'
import {
  displayHandle,
  parseGhostLocalpart,
  parseTarget,
  parseUserId,
  splitMatrixId,
} from '../model/names.ts'
import { awayBy } from './command.ts'
import { findStored } from './find-known.ts'
import { quote } from './words.ts'

type Named = NonNullable<ReturnType<typeof parseTarget>>

/** Whom a user named. `nobody` comes with the answer to give. */
export type Target =
  | { readonly kind: 'remote'; readonly actor: RemoteActor }
  | { readonly kind: 'local'; readonly actor: LocalActor }
  | { readonly kind: 'nobody'; readonly result: CommandResult }

const nobody = (text: string): Target => ({ kind: 'nobody', result: { text } })

const theBridge = nobody('That is me, and I have no posts. `help` lists what I can do for you.')

function local(actor: LocalActor | undefined, name: string): Target {
  if (actor === undefined || actor.deletedAt !== undefined)
    return nobody(`There is no ${quote(name)} on this server.`)
  return actor.group === undefined ? { kind: 'local', actor } : nobody(roomText(name, actor.group))
}

const roomText = (name: string, { alias }: OwnGroup): string =>
  alias === undefined
    ? `${quote(name)} is a room on Matrix, and whoever is in it can invite you.`
    : `${quote(name)} is a room on Matrix: join it at ${alias}`

const isOurDomain = (host: string, { identity }: Deps): boolean =>
  host === identity.handleDomain || host === new URL(identity.publicUrl).host

/** Names on our own domains never leave the bridge. Undefined: it is somebody else's name. */
async function findOurs(target: Named, deps: Deps): Promise<Target | undefined> {
  const { publicUrl } = deps.identity
  const ownHost = new URL(publicUrl).host
  if (!('url' in target)) {
    const { username, host } = target
    if (!isOurDomain(host, deps)) return undefined
    if (host === ownHost && username.toLowerCase() === ownHost) return theBridge
    return local(await deps.store.findLocalActorByUsername(username), displayHandle(target))
  }
  const url = new URL(target.url)
  if (url.host !== ownHost) return undefined
  const path = url.pathname.replace(/\/$/, '')
  if (path === '' || path === '/actor') return theBridge
  const [, username] = /^\/@([^/]+)$/.exec(path) ?? []
  return local(
    username === undefined
      ? await deps.store.findLocalActor(asActorId(`${publicUrl}${path}`))
      : await deps.store.findLocalActorByUsername(username),
    target.url,
  )
}

const hostOf = (target: Named): string => ('url' in target ? new URL(target.url).host : target.host)

async function lookUp(target: Named, text: string, deps: Deps): Promise<Target> {
  const block = await suspensionOf('url' in target ? target.url : `https://${target.host}`, deps)
  if (block !== undefined) return nobody(barredLine(block))
  try {
    const since = deps.clock.now()
    const actor = await deps.fediverse.lookup(target)
    // Another server may point at one of our own.
    const ours = await deps.store.findLocalActor(actor.id)
    if (ours !== undefined) return local(ours, text)
    return { kind: 'remote', actor: await keepNewest(actor, since, deps) }
  } catch (error) {
    if (error instanceof TransientError && error.of === 'remote') {
      const actor = await findStored(target, deps)
      return actor === undefined
        ? { kind: 'nobody', result: awayBy(hostOf(target), error) }
        : { kind: 'remote', actor }
    }
    if (error instanceof RejectedError && error.tell === undefined)
      return nobody(`${quote(text)} leads to no account that I can read.`)
    throw error
  }
}

/** Somebody on Matrix: one of us, or one who stands for a fediverse account. */
async function findByUserId(userId: UserId, text: string, deps: Deps): Promise<Target> {
  const { bot, prefix, serverName } = deps.identity
  if (userId === bot) return theBridge
  const actor = await deps.store.findLocalActorByUser(userId)
  if (actor !== undefined) return local(actor, userId)
  const ghost = await deps.store.findGhostByUser(userId)
  const known = ghost && (await deps.store.findRemoteActor(ghost.actorId))
  if (known !== undefined) return lookUp({ url: known.id }, text, deps)
  const name = splitMatrixId(userId, '@')
  const handle =
    name?.serverName === serverName ? parseGhostLocalpart(prefix, name.localpart) : undefined
  if (handle !== undefined) return lookUp(handle, text, deps)
  return nobody(`${quote(userId)} is not on the fediverse. You can write to them on Matrix.`)
}

/**
 * The account that somebody typed: handle, `acct:`, profile URL, actor id, or the Matrix id of
 * somebody who stands for one. Looks it up, unless it is ours. RejectedError with `tell`.
 */
export async function findTarget(text: string, deps: Deps): Promise<Target> {
  const userId = parseUserId(text)
  if (userId !== undefined) return findByUserId(userId, text, deps)
  const target = parseTarget(text)
  if (target === undefined) return unknownTarget(text)
  return (await findOurs(target, deps)) ?? lookUp(target, text, deps)
}

const unknownTarget = (text: string): Target =>
  nobody(
    `${quote(text)} is no fediverse address. It looks like \`@user@host\`, or is the link of a profile.`,
  )

/** Whether `text` names that account, judged by what is stored alone. */
export async function namesActor(text: string, actor: RemoteActor, deps: Deps): Promise<boolean> {
  const userId = parseUserId(text)
  if (userId !== undefined) return (await deps.store.findGhostByUser(userId))?.actorId === actor.id
  const target = parseTarget(text)
  if (target === undefined) return false
  if ('url' in target) return target.url === actor.id || target.url === actor.url
  return (
    target.host === actor.host && target.username.toLowerCase() === actor.username.toLowerCase()
  )
}

/** The same of an account of which nothing else may be stored any more: then its id alone names it. */
export async function namesId(text: string, id: ActorId, deps: Deps): Promise<boolean> {
  const actor = await deps.store.findRemoteActor(id)
  return actor === undefined ? text === id : namesActor(text, actor, deps)
}

/** Between whom a block stands, nobody is asked anything. */
export async function refusalOf(
  actor: RemoteActor,
  sender: UserId,
  deps: Deps,
): Promise<Answer | undefined> {
  // What runs there may say that all its accounts are people on Matrix.
  await serverOf(new URL(actor.id).host, deps)
  const alone = await leftAloneLine(actor, deps)
  if (alone !== undefined) return { text: alone }
  const own = await deps.store.findLocalActorByUser(sender)
  if (own === undefined) return undefined
  const block = await blockBetween(own.id, actor.id, deps)
  if (block === undefined) return undefined
  const handle = displayHandle(actor)
  const { domain, isWish, ownDomain } = block
  if (ownDomain !== undefined)
    return { text: `You have blocked ${ownDomain}. \`unblock ${ownDomain}\` comes first.` }
  if (isWish === true) return { text: `${handle} wants nothing of bots, and your account is one.` }
  if (domain !== undefined) return { text: barredLine({ domain }) }
  return block.blocker === own.id
    ? { text: `You have blocked ${handle}. \`unblock ${handle}\` comes first.` }
    : { text: `${handle} has blocked you.` }
}
