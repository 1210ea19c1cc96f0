import type { Answer, Command, CommandContext } from './command.ts'
import type { Deps } from '../bridge/ports.ts'
import type { Follow } from '../model/relation.ts'
import type { LocalActor, RemoteActor } from '../model/actor.ts'
import { handleOf } from '../bridge/actors.ts'
import { barredLine, suspensionOfActor } from '../bridge/domain-blocks.ts'
import { displayHandle, safeName } from '../model/names.ts'
import { asUserId, type UserId } from '../model/ids.ts'
import { byList, userRule } from '../bridge/policies.ts'
import { findKnown } from './find-known.ts'
import { findOwn } from './find-own.ts'
import { timeOf } from '../model/dates.ts'
import { quote } from './words.ts'

/** Characters of what a stranger named. */
const longest = 300

const plain = (text: string): string => safeName(text.replaceAll('`', "'"), longest)

const accepted = (follows: readonly Follow[]): number =>
  follows.filter(({ state }) => state === 'accepted').length

function followLine(followers: readonly Follow[], followed: readonly Follow[]): string {
  const asked = followed.length - accepted(followed)
  const open = asked === 0 ? '' : `, and has asked ${asked} more`
  return `Followed by ${accepted(followers)}, follows ${accepted(followed)}${open}`
}

async function serverLine({ id, host }: RemoteActor, deps: Deps): Promise<string> {
  const home = new URL(id).host
  const server = (await deps.store.findServer(home)) ?? (await deps.store.findServer(host))
  const software = server?.software === undefined ? 'unknown software' : plain(server.software)
  const version = server?.version === undefined ? '' : ` ${plain(server.version)}`
  const isAway = await deps.deliveries.isUnavailable(home)
  return `Server: ${home}, ${software}${version}${isAway ? '; nothing is sent there: it has failed for days' : ''}`
}

async function remoteFacts(account: RemoteActor, deps: Deps): Promise<Answer> {
  const { store } = deps
  const { id, kind, name, fetchedAt } = account
  const called = name === undefined ? '' : ` called ${plain(name)}`
  const ghost = await store.findGhost(id)
  const portal = await store.findPortal({ kind: 'actor', actorId: id })
  const block = await suspensionOfActor(id, deps)
  const rule = await store.findAccountRule(id)
  return {
    text: [
      `${displayHandle(account)}, a ${kind.toLowerCase()}${called}: ${plain(id)}`,
      ghost === undefined ? 'Not seen on Matrix yet' : `On Matrix: ${ghost.userId}`,
      await serverLine(account, deps),
      `As of ${timeOf(fetchedAt)}`,
      `Here: ${followLine(await store.followersOf(id), await store.followsOf(id)).toLowerCase()}`,
      portal === undefined ? 'It has no room' : `Its room: \`${portal.roomId}\``,
      ...(block === undefined ? [] : [barredLine(block)]),
      ...(rule === undefined ? [] : [`Suspended ${byList(rule)}`]),
      `\`refresh ${displayHandle(account)}\` asks its server anew.`,
    ].join('\n'),
  }
}

export const actor: Command = {
  name: 'actor',
  args: '<@user@host>',
  help: 'Shows what is known here of an account of another server.',
  more: 'By its address, its id, or its Matrix id. Nobody is asked for it.',
  examples: ['actor @user@social.example'],
  group: 'Admin',
  permission: 'admin',
  takes: [1, 1],
  doing: () => 'Looking it up.',
  run: async ({ args: [text = ''] }, { deps }) => {
    const account = await findKnown(text, deps)
    if (account !== undefined) return remoteFacts(account, deps)
    if ((await findOwn(text, deps)) !== undefined)
      return { text: `${quote(text)} is on this server: \`user ${quote(text).slice(1, -1)}\`` }
    return {
      text: `${quote(text)} is not known here. \`refresh\` with the same name asks its server for it.`,
    }
  },
}

/** What somebody may do, and which list says so where one does. */
function levelOf(userId: UserId, deps: Deps): string {
  const level = deps.permissionOf(userId)
  const rule = level === 'none' ? userRule(deps.store.policies(), userId) : undefined
  return `\`${level}\`${rule === undefined ? '' : `, ${byList(rule)}`}`
}

async function groupFacts(own: LocalActor, deps: Deps): Promise<Answer> {
  const { store } = deps
  const portal = await store.findPortal({ kind: 'group', actorId: own.id })
  return {
    text: [
      `${handleOf(own, deps)}, a room: ${own.id}`,
      ...(portal === undefined ? [] : [`On Matrix: \`${portal.roomId}\``]),
      `Since ${timeOf(own.createdAt)}`,
      followLine(await store.followersOf(own.id), []),
    ].join('\n'),
  }
}

async function ownFacts(own: LocalActor, deps: Deps): Promise<Answer> {
  if (own.group !== undefined) return groupFacts(own, deps)
  const { store } = deps
  const { id, userId, createdAt, deletedAt } = own
  const profile = await store.findPortal({ kind: 'profile', userId, actorId: id })
  const chat = await store.findPortal({ kind: 'management', userId })
  const moved = own.profile?.movedTo
  return {
    text: [
      `${handleOf(own, deps)}: ${id}`,
      `On Matrix: ${userId}, with the permission ${levelOf(userId, deps)}`,
      `Since ${timeOf(createdAt)}${deletedAt === undefined ? '' : `, deleted on ${timeOf(deletedAt)}`}`,
      followLine(await store.followersOf(id), await store.followsOf(id)),
      profile === undefined ? 'Without a public room' : `Public room: \`${profile.roomId}\``,
      ...(chat === undefined ? [] : [`Chat with me: \`${chat.roomId}\``]),
      ...(moved === undefined ? [] : [`Moved to ${plain(moved)}`]),
    ].join('\n'),
  }
}

async function unregistered(text: string, { deps }: CommandContext): Promise<Answer> {
  const isMatrix = /^@[^:@\s]+:\S+$/.test(text)
  if (!isMatrix) return { text: `There is no account ${quote(text)} on this server.` }
  const level = levelOf(asUserId(text), deps)
  return { text: `${quote(text)} has no account here. Their permission is ${level}.` }
}

export const user: Command = {
  name: 'user',
  args: '<user>',
  help: 'Shows what is known of somebody on this server.',
  more: 'By their Matrix id or their handle. What they may do stands in the configuration, under permissions.',
  examples: ['user @alice:example.org', 'user @alice@example.org'],
  group: 'Admin',
  permission: 'admin',
  takes: [1, 1],
  doing: () => 'Looking them up.',
  run: async ({ args: [text = ''] }, context) => {
    const own = await findOwn(text, context.deps)
    return own === undefined ? unregistered(text, context) : ownFacts(own, context.deps)
  },
}
