import type { Command, CommandContext, CommandResult } from './command.ts'
import type { RemoteActor } from '../model/actor.ts'
import { displayHandle } from '../model/names.ts'
import { barredMark, suspendAccount } from '../bridge/wishes.ts'
import { byList } from '../bridge/policies.ts'
import { findKnown } from './find-known.ts'
import { findTarget } from './target.ts'
import { quote } from './words.ts'

type Found = { readonly account: RemoteActor } | { readonly result: CommandResult }

/** One that nobody here has met is looked up: it may be kept away before it comes. */
async function find(text: string, { deps }: CommandContext): Promise<Found> {
  const known = await findKnown(text, deps)
  if (known !== undefined) return { account: known }
  const target = await findTarget(text, deps)
  if (target.kind === 'remote') return { account: target.actor }
  if (target.kind === 'nobody') return target
  return {
    result: {
      text: `${quote(text)} is on this server: what they may do stands in the configuration, under \`permissions\`.`,
    },
  }
}

export const suspend: Command = {
  name: 'suspend',
  args: '<@user@host>',
  help: 'Keeps an account of another server away from everybody here, and removes what is here of it.',
  more: 'Follows in both directions end, and who followed it here is told. `block-domain` does the same to a whole server, but keeps what is there.',
  examples: ['suspend @user@social.example'],
  group: 'Admin',
  permission: 'admin',
  takes: [1, 1],
  doing: ([text = '']) => `Looking up ${quote(text)}.`,
  run: async ({ args: [text = ''] }, context) => {
    const { deps, sender } = context
    const found = await find(text, context)
    if ('result' in found) return found.result
    const { id } = found.account
    const handle = displayHandle(found.account)
    if ((await deps.store.findMark(barredMark(id))) !== undefined)
      return { text: `${handle} is suspended already. \`unsuspend ${handle}\` takes it back.` }
    return {
      text: `${handle} is suspended, and what is here of it is removed. \`unsuspend ${handle}\` lets it come again.`,
      actions: [{ do: 'commit', changes: suspendAccount(id, sender, deps) }],
    }
  },
}

export const unsuspend: Command = {
  name: 'unsuspend',
  args: '<@user@host>',
  help: 'Lets an account come again that was suspended.',
  more: 'Nobody follows it until they ask to, and what was removed stays so.',
  examples: ['unsuspend @user@social.example'],
  group: 'Admin',
  permission: 'admin',
  takes: [1, 1],
  doing: () => 'Looking it up.',
  run: async ({ args: [text = ''] }, { deps }) => {
    const account = await findKnown(text, deps)
    const mark = account && (await deps.store.findMark(barredMark(account.id)))
    const rule = account && (await deps.store.findAccountRule(account.id))
    if (account !== undefined && mark === undefined && rule !== undefined)
      return {
        text: `${displayHandle(account)} is suspended ${byList(rule)}. \`policy-list remove ${rule.list}\` ends that with all that the list says.`,
      }
    if (account === undefined || mark === undefined)
      return { text: `${quote(text)} is not suspended here.` }
    const still = rule === undefined ? 'may come again' : `is still suspended ${byList(rule)}`
    return {
      text: `${displayHandle(account)} ${still}.`,
      actions: [{ do: 'commit', changes: [{ change: 'unmark', key: barredMark(account.id) }] }],
    }
  },
}
