import type { Command, CommandContext, CommandResult } from './command.ts'
import type { Follow } from '../model/relation.ts'
import { answerRequest, followRequests } from '../bridge/follow-requests.ts'
import { handleOfActor } from '../bridge/follows.ts'
import { displayHandle } from '../model/names.ts'
import { page } from './page.ts'
import { namesActor } from './target.ts'
import { quote } from './words.ts'
import { usage } from './command.ts'

async function requestsOf({ sender, deps }: CommandContext): Promise<readonly Follow[]> {
  const owner = await deps.store.findLocalActorByUser(sender)
  return owner === undefined ? [] : followRequests(owner, deps)
}

async function answer(
  text: string,
  kind: 'accept' | 'reject',
  context: CommandContext,
): Promise<CommandResult> {
  const { deps } = context
  for (const request of await requestsOf(context)) {
    const actor = await deps.store.findRemoteActor(request.follower)
    if (actor === undefined || !(await namesActor(text, actor, deps))) continue
    const handle = displayHandle(actor)
    return {
      text: kind === 'accept' ? `${handle} follows you now.` : `${handle} does not follow you.`,
      actions: answerRequest(request, kind, deps),
    }
  }
  return { text: `${quote(text)} has not asked to follow you. \`requests\` shows who has.` }
}

export const requests: Command = {
  name: 'requests',
  args: '[page]',
  help: 'Lists the accounts that ask to follow you.',
  more: 'They ask when your profile is locked: `profile locked on`.',
  examples: ['requests'],
  group: 'Follow',
  permission: 'follow',
  takes: [0, 1],
  doing: () => 'Reading your list.',
  run: async ({ args: [number] }, context) => {
    const waiting = await requestsOf(context)
    if (waiting.length === 0) return { text: 'Nobody waits to follow you.' }
    const lines = await Promise.all(
      waiting.map(({ follower }) => handleOfActor(follower, context.deps)),
    )
    return (
      page(lines, { title: 'Asking to follow you', command: 'requests', number }) ?? usage(requests)
    )
  },
}

export const approve: Command = {
  name: 'approve',
  args: '<@user@host>',
  help: 'Lets somebody follow you who has asked to.',
  examples: ['approve @user@social.example'],
  group: 'Follow',
  permission: 'follow',
  takes: [1, 1],
  doing: () => 'Answering them.',
  run: ({ args: [text = ''] }, context) => answer(text, 'accept', context),
}

export const reject: Command = {
  name: 'reject',
  args: '<@user@host>',
  help: 'Declines somebody who has asked to follow you.',
  examples: ['reject @user@social.example'],
  group: 'Follow',
  permission: 'follow',
  takes: [1, 1],
  doing: () => 'Answering them.',
  run: ({ args: [text = ''] }, context) => answer(text, 'reject', context),
}
