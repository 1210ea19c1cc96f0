import { isBlocking, knownUsers, mentionOf, say, someAccount } from './acts-fediverse.ts'
import { hasChats, type Act } from './stage.ts'

/** A private message as Pleroma's chats send it. */
export const chatMessage: Act = async (stage) => {
  const account = someAccount(stage)
  const known = stage.chance.pick(await knownUsers(stage))
  if (account === undefined || known === undefined || !hasChats(account, stage)) return undefined
  if (isBlocking(account, known.user, stage)) return undefined
  const extra = { type: 'ChatMessage', context: undefined, cc: undefined, tag: [] }
  const options = { visibility: 'direct' as const, mentions: [mentionOf(known)], extra }
  const draft = { options, users: [known.user.userId], must: [], isSent: true, isChat: true }
  const posted = say(account, draft, stage)
  return `${account.handle} chats ${posted.mark} to ${known.user.userId}`
}
