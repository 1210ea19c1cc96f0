import type { Answer, Command, CommandContext, CommandResult } from './command.ts'
import type { Participant } from '../model/portal.ts'
import { becomeActor, handleOf } from '../bridge/actors.ts'
import { ensureOpenPortal, matrixLink } from '../bridge/portals.ts'
import { displayHandle } from '../model/names.ts'
import { findTarget, refusalOf, type Target } from './target.ts'
import { quote } from './words.ts'

const maxPeople = 10

type Account = Exclude<Target, { kind: 'nobody' }>

/** Everybody named, or the answer to the first that is nobody. */
async function findAll(
  names: readonly string[],
  { sender, deps }: CommandContext,
): Promise<readonly Account[] | CommandResult> {
  const accounts = new Map<string, Account>()
  for (const name of names) {
    const target = await findTarget(name, deps)
    if (target.kind === 'nobody') return target.result
    const refusal =
      target.kind === 'remote' ? await refusalOf(target.actor, sender, deps) : undefined
    if (refusal !== undefined) return refusal
    if (target.kind === 'local' && target.actor.userId === sender) continue
    accounts.set(target.actor.id, target)
  }
  return [...accounts.values()]
}

const isAccounts = (found: readonly Account[] | CommandResult): found is readonly Account[] =>
  Array.isArray(found)

const participantOf = (account: Account): Participant =>
  account.kind === 'local'
    ? { kind: 'user', userId: account.actor.userId }
    : { kind: 'actor', actorId: account.actor.id }

async function openChat(
  accounts: readonly Account[],
  { sender, deps }: CommandContext,
): Promise<Answer> {
  const names = accounts.map((account) =>
    account.kind === 'local' ? handleOf(account.actor, deps) : displayHandle(account.actor),
  )
  const { line, actions } = await becomeActor(sender, deps)
  const participants: Participant[] = [
    { kind: 'user', userId: sender },
    ...accounts.map(participantOf),
  ]
  const { roomId } = await ensureOpenPortal({ kind: 'direct', participants }, deps)
  const users = participants.flatMap((one) => (one.kind === 'user' ? [one.userId] : []))
  const chat = `Your private chat with ${names.join(', ')} is here: ${matrixLink(roomId)}`
  const readers = `${accounts.length === 1 ? 'Their server' : 'Their servers'} and this one can read it.`
  return {
    text: [...line, chat, readers].join('\n'),
    actions: [
      ...actions,
      ...users.map(
        (userId) => ({ do: 'invite', place: { kind: 'room', roomId }, userId }) as const,
      ),
    ],
  }
}

export const dm: Command = {
  name: 'dm',
  args: '<@user@host> [@user@host …]',
  help: 'Opens a private chat with one or several fediverse accounts.',
  more: `A chat has at most ${maxPeople} other people. Their servers can read what is written there.`,
  examples: ['dm @user@social.example', 'dm @user@social.example @friend@other.example'],
  group: 'Talk',
  permission: 'user',
  opensRoom: true,
  takes: [1, maxPeople],
  doing: ([first = '', ...others]) =>
    `Looking up ${quote(first)}${others.length === 0 ? '' : ' and the others'}.`,
  run: async ({ args }, context) => {
    const accounts = await findAll(args, context)
    if (!isAccounts(accounts)) return accounts
    if (accounts.length === 0) return { text: 'That is you. Name somebody else to write to.' }
    if (accounts.some(({ kind }) => kind === 'remote')) return openChat(accounts, context)
    const people = accounts.flatMap((one) => (one.kind === 'local' ? [one.actor.userId] : []))
    return { text: `That needs no bridge: start a chat on Matrix with ${people.join(' and ')}.` }
  },
}
